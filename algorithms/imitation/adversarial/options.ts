/** @file Options of the discriminator of adversarial imitation. */

import { z } from "zod";
import { count, nonNegative, positive } from "../../../src/config/options.js";
import { activationNames } from "../../../src/nn/index.js";
import { networkOption } from "../../shared/networks.js";

export const discriminatorSchema = z.strictObject({
  network: networkOption,
  hidden: z.array(count()).default([64, 64]).describe("sizes of the hidden layers; [] is linear"),
  activation: z.enum(activationNames).default("tanh").describe("activation of the hidden layers"),
  learningRate: positive().default(1e-3).describe("Adam's step size"),
  minibatchSize: count()
    .default(256)
    .describe(
      "transitions of the expert, and as many of the learner, in a gradient step; trajectories where these are classified",
    ),
  updates: count()
    .default(16)
    .describe("gradient steps on each batch that the learner is about to learn from"),
  gradientPenalty: nonNegative()
    .optional()
    .describe(
      "weight of (‖∂ score / ∂ features‖ − 1)² between expert and learner; 0: none; unset, 1, or 0.1 where observations " +
        "are not in a box",
    ),
  spectralNormalisation: z
    .boolean()
    .default(false)
    .describe(
      "divide the weights by their largest singular values; to bound slopes by that alone, set gradientPenalty 0",
    ),
  entropyCoefficient: nonNegative()
    .default(0)
    .describe("weight of a bonus for the entropy of the classification"),
  normaliseObservations: z
    .boolean()
    .default(true)
    .describe("standardise box observations with running statistics"),
});

export type DiscriminatorOptions = z.output<typeof discriminatorSchema>;
