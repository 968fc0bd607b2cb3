/** @file Options that maximum entropy IRL and maximum causal entropy IRL share. */

import type * as z from "zod";
import { count, fraction, nonNegative, positive } from "../../../src/config/options.js";
import { rewardModelOptions } from "../shared/feature-reward.js";
import { inverseOptions } from "../shared/options.js";

/** The options of `maxEntIrl` and `maxCausalEntIrl`. */
export const entropyOptions = {
  ...inverseOptions,
  horizon: count()
    .optional()
    .describe("number of steps of an episode; with a horizon the policy depends on the time"),
  discount: fraction()
    .optional()
    .describe("γ; unset: the optimiser's, the exact model's, or 1 with a horizon"),
  ...rewardModelOptions,
  l1: nonNegative().default(0).describe("weight of the L1 penalty ‖Φ‖₁"),
  l2: nonNegative().default(0).describe("weight of the L2 penalty ½ ‖Φ‖²"),
  learningRate: positive()
    .default(0.02)
    .describe(
      "step size of Adam, for reward networks and with an optimiser; not used for linear rewards on a model",
    ),
  tolerance: positive()
    .default(1e-3)
    .describe(
      "norm of the gradient (the gap between feature expectations) below which the ascent of a linear reward stops",
    ),
  episodes: count()
    .default(50)
    .describe("with an optimiser: number of episodes sampled from its policy in each round"),
};

export type EntropyOptions = z.output<z.ZodObject<typeof entropyOptions>>;
