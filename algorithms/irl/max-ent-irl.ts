/**
 * @file Maximum entropy inverse reinforcement learning (Ziebart, Maas, Bagnell & Dey 2008; notes, §3.4, eq. 65 and 66).
 *
 * A trajectory is the more likely, exponentially, the more reward it has: P(τ | s₀) ∝ Π p(sₜ₊₁ | sₜ, aₜ) exp Σ γᵗ r. The
 * likelihood is computed and followed exactly, for whole trajectories of `horizon` steps. Where outcomes are random this
 * expects them to go as well as the expert's, which no policy can make them do: use `maxCausalEntIrl` there. On
 * deterministic dynamics the two are the same.
 *
 * The policy is what trajectories do in each state at each time, π(a | s, t); the start is given, not chosen.
 */

import type { z } from "zod";
import { defineAlgorithm } from "../../src/learning/define.js";
import { entropyIrl, maxEntIrlSchema } from "./entropy/entropy-irl.js";

export type MaxEntIrlOptions = z.input<typeof maxEntIrlSchema>;

/** Maximum entropy IRL. The horizon is the longest demonstration's, and the discount 1 or the optimiser's, unless given. */
export const maxEntIrl = defineAlgorithm({
  name: "maxEntIrl",
  summary: "inverse RL: the reward under which the demonstrated trajectories are likeliest",
  schema: maxEntIrlSchema,
  needs: ["demonstrations or expert"],
  create: (options) => entropyIrl("maxEntIrl", "trajectories", options),
});
