/**
 * @file Soft actor–critic [Haarnoja et al. 2018a], with a learned temperature [Haarnoja et al. 2018b], and its variant
 * for discrete actions [Christodoulou 2019].
 *
 * It acts and draws minibatches as `shared/replayed-actor-critic.ts` does; all gradient steps of a training are one run
 * of the trainer (`sac/losses.ts`).
 */

import * as z from "zod";
import { positive } from "../../src/config/options.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { type SacStates, sacNetworks, sacTrainer } from "./sac/losses.js";
import type { OffPolicyLearner } from "./shared/off-policy.js";
import {
  type ReplayedActorCriticState,
  replayedActorCritic,
  replayedActorCriticOptions,
} from "./shared/replayed-actor-critic.js";

/** The options of the temperature. */
export const temperatureOptions = {
  temperature: z
    .union([z.literal("learned"), positive()], 'it must be "learned" or a positive number')
    .default("learned")
    .describe('α, weight of the entropy: "learned", or a number (reward per nat)'),
  initialTemperature: positive().default(1).describe("initial value of a learned temperature"),
  targetEntropy: z
    .number()
    .optional()
    .describe(
      "target entropy of a learned temperature, for actions scaled to [−1, 1] (nats); " +
        "unset: −1 for each dimension, or 0.85 log n for n discrete actions",
    ),
};

export const sacSchema = z.strictObject({
  ...replayedActorCriticOptions,
  learningRate: replayedActorCriticOptions.learningRate.describe(
    "step size of Adam for the networks and the temperature",
  ),
  tau: positive()
    .max(1)
    .default(0.005)
    .describe("fraction by which the target critics move to the critics in each gradient step"),
  ...temperatureOptions,
});

export type SacOptions = z.input<typeof sacSchema>;
export type ResolvedSacOptions = z.output<typeof sacSchema>;
export type SacState = ReplayedActorCriticState<SacStates>;

/** SAC for discrete actions and for actions in a bounded box. */
export const sac = defineAlgorithm({
  name: "sac",
  summary: "soft actor-critic: off-policy maximum-entropy actor-critic, sample-efficient",
  schema: sacSchema,
  withLearntRewards: {},
  create: (options): OffPolicyLearner<SacState> =>
    replayedActorCritic<SacStates>("sac", options, {
      abilities: { density: true, replay: true, soft: options.temperature === 1 },
      parts(problem, gradientSteps) {
        const networks = sacNetworks(problem, options);
        return { actor: networks.actor, trainer: sacTrainer(networks, options, gradientSteps) };
      },
      report: ({ temperature }) => ({ temperature: Math.exp(temperature.parameters[0]) }),
    }),
});
