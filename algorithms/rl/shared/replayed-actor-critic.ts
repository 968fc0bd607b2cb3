/**
 * @file The learner of SAC and TD3: it acts into a replay, and trains a policy and critics on minibatches from it. They
 * differ in their networks and in the trainer, whose run is all gradient steps of a training.
 */

import * as z from "zod";
import { count, positive } from "../../../src/config/options.js";
import type { Problem } from "../../../src/env/contracts.js";
import type { Abilities, Metrics, RewardSource } from "../../../src/learning/contract.js";
import type { Trainer, TrainState } from "../../../src/learning/trainer.js";
import * as nn from "../../../src/nn/index.js";
import { type ActorCritic, NetworkPolicy, UniformPolicy } from "../../../src/policies/index.js";
import type { Rng } from "../../../src/random/rng.js";
import { Replay } from "../../../src/rollout/replay.js";
import { createEpisodeTracker } from "../../../src/rollout/rollout-buffer.js";
import { spaceWidth } from "../../../src/spaces/index.js";
import { noEpisodes } from "../../shared/episodes.js";
import { networkOption } from "../../shared/networks.js";
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
} from "./off-policy.js";

export const replayedActorCriticOptions = {
  ...offPolicyOptions,
  replaySize: offPolicyOptions.replaySize.default(1_000_000),
  nStep: offPolicyOptions.nStep.default(1),
  learningRate: positive().default(3e-4).describe("step size of Adam"),
  network: networkOption,
  hidden: z.array(count()).default([256, 256]).describe("sizes of the hidden layers; [] is linear"),
  activation: z.enum(nn.activationNames).default("relu").describe("activation of the hidden layers"),
  minibatchSize: count().default(256).describe("number of transitions in a gradient step"),
  gradientSteps: count()
    .optional()
    .describe("number of gradient steps in a training; unset: one for each environment step"),
};

type Options = z.output<z.ZodObject<typeof replayedActorCriticOptions>>;

/** The networks in training; `actor` is the policy's. */
export type ActorStates = Readonly<Record<"actor", TrainState>>;

export interface ReplayedActorCriticState<S extends ActorStates = ActorStates> extends OffPolicyState {
  networks: S;
  noiseRng: Rng;
  live: {
    derived: true;
    trainer: Trainer<S>;
    policy: NetworkPolicy;
    explorer: UniformPolicy;
    minibatches: Minibatches;
    /** Uniform noise for two actions of each transition, in boxes: two numbers for each dimension of an action. */
    uniforms?: Float32Array;
  };
}

/** What SAC and TD3 differ in. */
export interface ReplayedActorCritic<S extends ActorStates> {
  abilities: Abilities;
  /** The policy's network, and the trainer of `gradientSteps` steps on the minibatches and, for boxes, `uniforms`. */
  parts(problem: Problem, gradientSteps: number): { actor: ActorCritic; trainer: Trainer<S> };
  /** Metrics of the networks after a training, besides those of the trainer. */
  report?(networks: S): Metrics;
}

/** @throws UsageError when the options do not fit each other */
export function replayedActorCritic<S extends ActorStates>(
  name: string,
  options: Options,
  { abilities, parts, report }: ReplayedActorCritic<S>,
): OffPolicyLearner<ReplayedActorCriticState<S>> {
  const { environments: copies, trainEvery, learningStarts, minibatchSize } = options;
  const gradientSteps = options.gradientSteps ?? trainEvery;
  checkTrainEvery(name, options);
  checkReplaySize(name, options);
  type State = ReplayedActorCriticState<S>;

  /** Takes the gradient steps of one training on minibatches from the replay. Returns the means of their metrics. */
  async function learn(state: State, rewards?: RewardSource): Promise<Metrics> {
    const { live, networks, noiseRng } = state;
    const { trainer, minibatches, uniforms } = live;
    const { means } = await trainer.run(networks, {
      ...(await drawMinibatches(state, options, minibatches, rewards)),
      ...(uniforms ? { uniforms: noiseRng.fillUniform(uniforms) } : {}),
    });
    return { ...means, ...report?.(networks) };
  }

  return {
    name,
    options,
    unit: "environment steps",
    defaultSteps: 50_000,
    abilities,

    async init(problem: Problem, rng: Rng): Promise<State> {
      const { observationSpace, actionSpace } = problem;
      const { actor, trainer } = parts(problem, gradientSteps);
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
          policy: new NetworkPolicy(actor.settings, learnt.actor.parameters),
          explorer: new UniformPolicy(observationSpace, actionSpace),
          minibatches: createMinibatches(problem, transitions),
          ...(actionSpace.kind === "box"
            ? { uniforms: new Float32Array(2 * transitions * spaceWidth(actionSpace)) }
            : {}),
        },
      };
    },

    async update(state: State, rewards?: RewardSource): Promise<Metrics> {
      checkRelabelling(name, options, rewards);
      const { live } = state;
      live.policy.parameters = state.networks.actor.parameters;
      const metrics = await interact(state, trainEvery, (steps) =>
        steps < learningStarts ? live.explorer : live.policy,
      );
      return state.steps < learningStarts ? metrics : { ...metrics, ...(await learn(state, rewards)) };
    },

    policy: ({ live, networks }) => new NetworkPolicy(live.policy.settings, networks.actor.parameters),
  };
}
