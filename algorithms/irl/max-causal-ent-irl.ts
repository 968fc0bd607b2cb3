/**
 * @file Maximum causal entropy inverse reinforcement learning (Ziebart, Bagnell & Dey 2010, "Modeling interaction via the
 * principle of maximum causal entropy"; Ziebart 2010, chapters 5 and 9; notes, §3.4).
 *
 * The expert is taken to act by π(a | s) = exp(Q(s, a) − V(s)), with the soft values of the reward sought: the most random
 * behaviour that earns the features demonstrated, knowing at each step what has happened and not what will. The notes
 * write π ∝ Q; the standard result is π ∝ exp Q. The reward is that under which the demonstrations are most likely, and
 * the gradient of their likelihood is demonstrated less expected feature counts (notes, eq. 66 and 67), which are matched
 * at its top.
 *
 * With a `horizon` the policy depends on the time, and an episode that ends early stays in an absorbing state that pays
 * nothing; without, the future is discounted and the policy is stationary. `optimiser` replaces the model by samples.
 */

import type { z } from "zod";
import { defineAlgorithm } from "../../src/learning/define.js";
import { entropyIrl, maxCausalEntIrlSchema } from "./entropy/entropy-irl.js";

export type MaxCausalEntIrlOptions = z.input<typeof maxCausalEntIrlSchema>;

/** Maximum causal entropy IRL. The discount is the model's own, the optimiser's, or 1 with a horizon, unless it is given. */
export const maxCausalEntIrl = defineAlgorithm({
  name: "maxCausalEntIrl",
  summary: "inverse RL: the reward under which the demonstrated actions are likeliest; for random outcomes",
  schema: maxCausalEntIrlSchema,
  needs: ["demonstrations or expert"],
  create: (options) => entropyIrl("maxCausalEntIrl", "causal", options),
});
