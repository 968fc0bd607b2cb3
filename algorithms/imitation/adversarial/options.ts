/** @file Options of the discriminator of adversarial imitation. */

import * as z from "zod";
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
      "number of expert transitions, and of learner transitions, in a gradient step; with classify trajectories, of windows",
    ),
  updates: count()
    .default(16)
    .describe("number of gradient steps on each batch of the learner's transitions"),
  gradientPenalty: nonNegative()
    .optional()
    .describe(
      "weight of the gradient penalty (‖∂ score / ∂ features‖ − 1)² at points between expert and learner; 0: no penalty; " +
        "unset: 1 for box observations, else 0.1",
    ),
  spectralNormalisation: z
    .boolean()
    .default(false)
    .describe(
      "whether to divide each weight matrix by its largest singular value; set gradientPenalty 0 to use it alone",
    ),
  entropyCoefficient: nonNegative().default(0).describe("weight of the entropy bonus of the classification"),
  normaliseObservations: z
    .boolean()
    .default(true)
    .describe("whether to standardise box observations with running statistics"),
});

export type DiscriminatorOptions = z.output<typeof discriminatorSchema>;
