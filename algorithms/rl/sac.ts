/**
 * @file Soft actor–critic [Haarnoja et al. 2018a], with a learned temperature [Haarnoja et al. 2018b], and its variant
 * for discrete actions [Christodoulou 2019].
 *
 * All gradient steps of a training are one run of the trainer (`sac/losses.ts`).
 */

import * as z from "zod";
import { count, positive } from "../../src/config/options.js";
import type { Problem } from "../../src/env/contracts.js";
import type { Metrics, RewardSource } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import type { Trainer } from "../../src/learning/trainer.js";
import * as nn from "../../src/nn/index.js";
import { NetworkPolicy, UniformPolicy } from "../../src/policies/index.js";
import type { Rng } from "../../src/random/rng.js";
import { Replay } from "../../src/rollout/replay.js";
import { createEpisodeTracker } from "../../src/rollout/rollout-buffer.js";
import { spaceWidth } from "../../src/spaces/index.js";
import { noEpisodes } from "../shared/episodes.js";
import { networkOption } from "../shared/networks.js";
import { type SacStates, sacNetworks, sacTrainer } from "./sac/losses.js";
import {
  checkRelabelling,
  checkReplaySize,
  checkTrainEvery,
  createMinibatches,
  drawMinibatches,
  interact,
  type Minibatches,
  type OffPolicyLearner,
  type OffPolicyState,
  offPolicyOptions,
} from "./shared/off-policy.js";

export const sacSchema = z.strictObject({
  ...offPolicyOptions,
  replaySize: offPolicyOptions.replaySize.default(1_000_000),
  nStep: offPolicyOptions.nStep.default(1),
  learningRate: positive().default(3e-4).describe("step size of Adam for the networks and the temperature"),
  network: networkOption,
  hidden: z.array(count()).default([256, 256]).describe("sizes of the hidden layers; [] is linear"),
  activation: z.enum(nn.activationNames).default("relu").describe("activation of the hidden layers"),
  minibatchSize: count().default(256).describe("number of transitions in a gradient step"),
  gradientSteps: count()
    .optional()
    .describe("number of gradient steps in a training; unset: one for each environment step"),
  tau: positive()
    .max(1)
    .default(0.005)
    .describe("fraction by which the target critics move to the critics in each gradient step"),
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
});

export type SacOptions = z.input<typeof sacSchema>;
export type ResolvedSacOptions = z.output<typeof sacSchema>;

export interface SacState extends OffPolicyState {
  networks: SacStates;
  noiseRng: Rng;
  live: {
    derived: true;
    trainer: Trainer<SacStates>;
    policy: NetworkPolicy;
    explorer: UniformPolicy;
    minibatches: Minibatches;
    /** Uniform noise from which box actions are sampled, two numbers for each dimension of an action. */
    uniforms?: Float32Array;
  };
}

/** SAC for discrete actions and for actions in a bounded box. */
export const sac = defineAlgorithm({
  name: "sac",
  summary: "soft actor-critic: off-policy maximum-entropy actor-critic, sample-efficient",
  schema: sacSchema,
  withLearntRewards: {},
  create(options): OffPolicyLearner<SacState> {
    const { environments: copies, trainEvery, learningStarts, minibatchSize } = options;
    const gradientSteps = options.gradientSteps ?? trainEvery;
    checkTrainEvery("sac", options);
    checkReplaySize("sac", options);
    return {
      name: "sac",
      options,
      unit: "environment steps",
      defaultSteps: 50_000,
      abilities: { density: true, replay: true, soft: options.temperature === 1 },

      async init(problem: Problem, rng: Rng): Promise<SacState> {
        const { observationSpace, actionSpace } = problem;
        const networks = sacNetworks(problem, options);
        const trainer = sacTrainer(networks, options, gradientSteps);
        const learnt = trainer.initialise(rng);
        const environments = await problem.vector(copies, rng.stream("environments"));
        const transitions = minibatchSize * gradientSteps;
        return {
          steps: 0,
          networks: learnt,
          environments,
          replay: new Replay(environments, options.replaySize),
          tracker: createEpisodeTracker(copies),
          ...noEpisodes(),
          actionRng: rng.stream("actions"),
          replayRng: rng.stream("replay"),
          noiseRng: rng.stream("noise"),
          live: {
            derived: true,
            trainer,
            policy: new NetworkPolicy(networks.actor.settings, learnt.actor.parameters),
            explorer: new UniformPolicy(observationSpace, actionSpace),
            minibatches: createMinibatches(problem, transitions),
            ...(actionSpace.kind === "box"
              ? { uniforms: new Float32Array(2 * transitions * spaceWidth(actionSpace)) }
              : {}),
          },
        };
      },

      async update(state: SacState, rewards?: RewardSource): Promise<Metrics> {
        checkRelabelling("sac", options, rewards);
        const { live } = state;
        live.policy.parameters = state.networks.actor.parameters;
        const metrics = await interact(state, trainEvery, (steps) =>
          steps < learningStarts ? live.explorer : live.policy,
        );
        return state.steps < learningStarts
          ? metrics
          : { ...metrics, ...(await learn(state, options, rewards)) };
      },

      policy: ({ live, networks }) => new NetworkPolicy(live.policy.settings, networks.actor.parameters),
    };
  },
});

/** Takes the gradient steps of one training on minibatches from the replay. Returns the means of their metrics. */
async function learn(state: SacState, options: ResolvedSacOptions, rewards?: RewardSource): Promise<Metrics> {
  const { live, networks, noiseRng } = state;
  const { trainer, minibatches, uniforms } = live;
  const { means } = await trainer.run(networks, {
    ...(await drawMinibatches(state, options, minibatches, rewards)),
    ...(uniforms ? { uniforms: noiseRng.fillUniform(uniforms) } : {}),
  });
  return { ...means, temperature: Math.exp(networks.temperature.parameters[0]) };
}
