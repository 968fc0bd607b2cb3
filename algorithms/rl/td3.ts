/**
 * @file Twin delayed deep deterministic policy gradient [Fujimoto et al. 2018, algorithm 1].
 *
 * It acts and draws minibatches as `shared/replayed-actor-critic.ts` does; all gradient steps of a training are one run
 * of the trainer (`td3/losses.ts`).
 */

import * as z from "zod";
import { positive } from "../../src/config/options.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import type { OffPolicyLearner } from "./shared/off-policy.js";
import {
  type ReplayedActorCriticState,
  replayedActorCritic,
  replayedActorCriticOptions,
} from "./shared/replayed-actor-critic.js";
import { type Td3States, targetOptions, td3Networks, td3Trainer } from "./td3/losses.js";

export const td3Schema = z.strictObject({
  ...replayedActorCriticOptions,
  ...targetOptions,
  explorationNoise: positive()
    .default(0.1)
    .describe("standard deviation of the noise on actions, in half-widths of their bounds"),
});

export type Td3Options = z.input<typeof td3Schema>;
export type Td3State = ReplayedActorCriticState<Td3States>;

/** TD3 for actions in a bounded box. */
export const td3 = defineAlgorithm({
  name: "td3",
  summary: "twin delayed DDPG: off-policy actor-critic with a deterministic policy",
  schema: td3Schema,
  environment: "Pendulum-v1",
  withLearntRewards: {},
  create: (options): OffPolicyLearner<Td3State> =>
    replayedActorCritic<Td3States>("td3", options, {
      // Its samples are the mode with noise, clipped to the bounds.
      abilities: { density: false, replay: true, soft: false },
      parts(problem, steps) {
        const networks = td3Networks(problem, options);
        return { actor: networks.actor, trainer: td3Trainer(networks, options, { steps }) };
      },
    }),
});
