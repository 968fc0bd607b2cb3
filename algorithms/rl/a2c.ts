/**
 * @file Advantage actor–critic [Mnih et al. 2016], synchronous: PPO with one gradient step on each rollout. In the
 * first step the probability ratio is 1 and is never clipped, so the gradient is the policy gradient [Huang et al.
 * 2022].
 */

import type * as z from "zod";
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
    gaeLambda: fraction()
      .default(1)
      .describe("λ of generalised advantage estimation; 1: Monte Carlo returns up to the end of the rollout"),
    learningRate: scheduled(positive()).default(7e-4).describe(shape.learningRate.description!),
    normaliseAdvantages: shape.normaliseAdvantages
      .unwrap()
      .default(false)
      .describe("whether to scale advantages to mean 0 and deviation 1"),
    optimiser: shape.optimiser.unwrap().default("rmsprop").describe(shape.optimiser.description!),
  });

export type A2cOptions = z.input<typeof a2cSchema>;

/** A2C: `ppo` with one epoch of one minibatch, and the defaults of [Mnih et al. 2016]. */
export const a2c = defineAlgorithm({
  name: "a2c",
  summary: "advantage actor-critic: policy gradient with a critic, one gradient step on each short rollout",
  schema: a2cSchema,
  withLearntRewards: {},
  create(options): PolicyOptimiser<PpoState> {
    const minibatchSize = options.environments * options.rolloutSteps;
    // In a single step the probability ratio is 1, so the value of clip has no effect.
    return proximal("a2c", { ...options, minibatchSize, epochs: 1, clip: 0.2 }, options);
  },
});
