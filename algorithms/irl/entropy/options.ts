/** @file Options that maximum entropy IRL and maximum causal entropy IRL have in common. */

import type { z } from "zod";
import { count, fraction, nonNegative, positive } from "../../../src/config/options.js";
import { rewardModelOptions } from "../shared/feature-reward.js";
import { inverseOptions } from "../shared/options.js";

/** The options of `maxEntIrl` and `maxCausalEntIrl`. */
export const entropyOptions = {
  ...inverseOptions,
  horizon: count().optional().describe("steps of an episode; the policy then depends on the time"),
  discount: fraction()
    .optional()
    .describe("γ; unset, the optimiser's, or of an exact model its own, or 1 where there is a horizon"),
  ...rewardModelOptions,
  l1: nonNegative().default(0).describe("weight of the sum of the parameters' sizes"),
  l2: nonNegative().default(0).describe("weight of half the squared norm of the parameters"),
  learningRate: positive()
    .default(0.02)
    .describe("Adam's step size, for networks and with an optimiser; linear rewards of a model need none"),
  tolerance: positive()
    .default(1e-3)
    .describe(
      "a linear reward is done when the gradient, the gap between the feature expectations, is shorter",
    ),
  episodes: count().default(50).describe("episodes in which the optimiser is watched in a round"),
};

export type EntropyOptions = z.output<z.ZodObject<typeof entropyOptions>>;
