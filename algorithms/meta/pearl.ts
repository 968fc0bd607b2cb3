/**
 * @file PEARL [Rakelly et al. 2019]: off-policy meta-reinforcement learning. An encoder infers a latent task variable z
 * from the transitions of a trial, and SAC learns a policy that is given z.
 *
 * The networks and the policy are in `src/policies`, the losses and gradient steps in `pearl/losses.ts`.
 */

import * as z from "zod";
import { count, fraction, nonNegative, positive } from "../../src/config/options.js";
import type { Problem } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import type { Algorithm, Metrics } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import * as nn from "../../src/nn/index.js";
import { PearlPolicy } from "../../src/policies/index.js";
import type { Rng } from "../../src/random/rng.js";
import type { TrialShape } from "../../src/rollout/trials.js";
import { spaceWidth } from "../../src/spaces/index.js";
import { sacSchema } from "../rl/sac.js";
import { learntNetworks, type PearlStates, pearlTrainer } from "./pearl/losses.js";
import { playTrials } from "./shared/play.js";
import { boxTrials, learnRound, type RoundState, startRounds, stepsOfRun } from "./shared/rounds.js";
import { finiteTasksOption, testTasksOf } from "./shared/trials.js";

export const pearlSchema = z.strictObject({
  environments: count().default(16).describe("number of trials that are played in parallel"),
  tasks: finiteTasksOption(100, "a replay is kept for each training task"),
  discount: fraction().default(0.99).describe("γ"),
  replaySize: count()
    .default(100_000)
    .describe("number of transitions of each training task that its replay keeps, the most recent ones"),
  contextEpisodes: count()
    .default(5)
    .describe(
      "number of first episodes of each training task, the most recent ones, from which contexts are drawn; in these z " +
        "is from the prior",
    ),
  contextSize: count()
    .optional()
    .describe(
      "number of transitions in a context, all of one episode; unset: all transitions of the episode",
    ),
  metaBatch: count().default(16).describe("number of tasks in a gradient step, drawn with replacement"),
  minibatchSize: count().default(256).describe("number of transitions of each task in a gradient step"),
  gradientSteps: count()
    .default(100)
    .describe("number of gradient steps after each round, in which every environment plays a trial"),
  learningRate: positive().default(3e-4).describe("step size of Adam for all networks"),
  hidden: sacSchema.shape.hidden
    .default([300, 300, 300])
    .describe("sizes of the hidden layers of actor and critics"),
  activation: z.enum(nn.activationNames).default("relu").describe("activation of these layers"),
  encoderHidden: z
    .array(count())
    .default([200, 200, 200])
    .describe("sizes of the hidden layers of the encoder, with activation relu"),
  latent: count().default(5).describe("size of z"),
  encodeNext: z
    .boolean()
    .default(false)
    .describe("whether the encoder also receives next observations, for families whose dynamics differ"),
  klWeight: nonNegative()
    .default(0.1)
    .describe("weight of KL(q(z | c) ‖ N(0, I)) in the encoder's loss, beside the critics' loss"),
  regularisation: nonNegative()
    .default(1e-3)
    .describe("weight of the squares of the actor's means and log deviations in its loss"),
  rewardScale: positive()
    .default(5)
    .describe(
      "factor of rewards in the critics' loss; with temperature 1 its inverse is the weight of the entropy",
    ),
  tau: sacSchema.shape.tau,
  temperature: sacSchema.shape.temperature
    .default(1)
    .describe('α, weight of the entropy: a number (scaled reward per nat), or "learned"'),
  initialTemperature: sacSchema.shape.initialTemperature,
  targetEntropy: sacSchema.shape.targetEntropy.describe(
    "target entropy of a learned temperature, for actions scaled to [−1, 1] (nats); unset: −1 for each dimension",
  ),
});

export type PearlOptions = z.input<typeof pearlSchema>;
export type ResolvedPearlOptions = z.output<typeof pearlSchema>;

type Round = RoundState<PearlStates, PearlPolicy>;

export interface PearlState extends Round {
  live: Round["live"] & {
    /** Uniform noise from which actions are sampled, and normal noise for z. */
    uniforms: Float32Array;
    latentNoise: Float32Array;
  };
}

/** PEARL for actions in a bounded box. */
export const pearl = defineAlgorithm({
  name: "pearl",
  summary: "PEARL: off-policy meta-RL that infers a latent task variable from a trial's transitions",
  schema: pearlSchema,
  environment: "PointGoal-v0",
  create: (options): Algorithm<PearlState> => ({
    name: "pearl",
    options,
    unit: "environment steps",
    defaultSteps: 100_000,
    abilities: { density: true, memory: true },
    testTasks: (family) => testTasksOf(family, options.tasks),

    async init(problem: Problem, rng: Rng): Promise<PearlState> {
      const trial = boxTrials("pearl", problem);
      const { gradientSteps, metaBatch, minibatchSize, latent } = options;
      const sizes = { metaBatch, minibatchSize, contextSize: contextSizeOf(options, trial) };
      const most = stepsOfRun(gradientSteps, problem, sizes);
      const networks = learntNetworks(problem, options);
      const trainer = pearlTrainer(networks, options, sizes, most);
      const learnt = trainer.initialise(rng);
      const policy = new PearlPolicy(networks.settings, parametersOf(learnt));
      const learner = { trial, policy, trainer, networks: learnt, sizes, most };
      const started = await startRounds(problem, learner, options, rng);
      const actions = most * metaBatch * minibatchSize * spaceWidth(problem.actionSpace);
      return {
        ...started,
        live: {
          ...started.live,
          uniforms: new Float32Array(2 * actions),
          latentNoise: new Float32Array(most * metaBatch * latent),
        },
      };
    },

    async update(state: PearlState): Promise<Metrics> {
      state.live.policy.parameters = parametersOf(state.networks);
      return { ...(await playTrials(state)), ...(await learn(state, options)) };
    },

    policy: ({ live, networks }) => new PearlPolicy(live.policy.settings, parametersOf(networks)),
  }),
});

/** The number of transitions in a context. @throws UsageError when it is more than an episode has */
function contextSizeOf({ contextSize }: ResolvedPearlOptions, { horizon }: TrialShape): number {
  if (contextSize === undefined || contextSize <= horizon) return contextSize ?? horizon;
  throw new UsageError(
    `pearl: contextSize ${contextSize} is more than the ${horizon} steps of the episode from which a context is drawn: ` +
      "lower it, or leave it unset",
  );
}

const parametersOf = ({ actor, encoder }: PearlStates) => ({
  actor: actor.parameters,
  encoder: encoder.parameters,
});

/** Takes the gradient steps after a round. Returns the means of their metrics. */
const learn = (state: PearlState, options: ResolvedPearlOptions): Promise<Metrics> =>
  learnRound(state, options, ({ context }) => ({
    uniforms: state.noiseRng.fillUniform(state.live.uniforms),
    ...(options.encodeNext && { contextNextObservations: context.nextObservations }),
    latentNoise: state.noiseRng.fillNormal(state.live.latentNoise),
  }));
