/**
 * @file Advantage actor–critic [Mnih et al. 2016], synchronous: PPO with one gradient step on each rollout, where the
 * probability ratio is 1 and clipping has nothing to do, so that its gradient is the policy gradient
 * [Huang et al. 2022].
 */

import type { z } from "zod";
import { count, fraction, positive } from "../../src/config/options.js";
import type { PolicyOptimiser } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { scheduled } from "../shared/schedule.js";
import { type PpoState, ppoSchema, proximal } from "./ppo.js";

const { shape } = ppoSchema;

const a2cSchema = ppoSchema
  .omit({ minibatchSize: true, epochs: true, clip: true, valueClip: true, targetKl: true })
  .extend({
    rolloutSteps: count().default(8).describe(shape.rolloutSteps.description!),
    discount: fraction().default(0.99).describe(shape.discount.description!),
    gaeLambda: fraction().default(1).describe("λ of generalised advantage estimation; 1 sums all rewards"),
    learningRate: scheduled(positive()).default(7e-4).describe(shape.learningRate.description!),
    normaliseAdvantages: shape.normaliseAdvantages
      .unwrap()
      .default(false)
      .describe("to mean 0 and deviation 1"),
    optimiser: shape.optimiser.unwrap().default("rmsprop").describe(shape.optimiser.description!),
  });

export type A2cOptions = z.input<typeof a2cSchema>;

/** A2C: `ppo` with one epoch of one minibatch, and the defaults of its authors. */
export const a2c = defineAlgorithm({
  name: "a2c",
  summary: "advantage actor-critic: ppo with one gradient step on each short rollout",
  schema: a2cSchema,
  create(options): PolicyOptimiser<PpoState> {
    const minibatchSize = options.environments * options.rolloutSteps;
    // With a single step the ratio is 1 and never reaches the clip, whatever that is.
    return proximal("a2c", { ...options, minibatchSize, epochs: 1, clip: 0.2 }, options);
  },
});
