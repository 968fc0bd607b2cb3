/**
 * @file MetaCURE [Zhang et al. 2021]: off-policy meta-reinforcement learning with a policy for exploration of its own,
 * which is paid for transitions that tell the task.
 *
 * Training uses the identities of the training tasks: a predictor is given the index of the task, in place of the belief.
 * The policy is in `src/policies/meta-cure.ts`, the losses and gradient steps in `meta-cure/losses.ts`.
 */

import * as z from "zod";
import { count, nonNegative } from "../../src/config/options.js";
import type { Problem } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import type { Algorithm, Metrics } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { MetaCurePolicy } from "../../src/policies/index.js";
import type { Rng } from "../../src/random/rng.js";
import { spaceWidth } from "../../src/spaces/index.js";
import { type MetaCureStates, metaCureTrainer } from "./meta-cure/losses.js";
import { learntNetworks } from "./meta-cure/networks.js";
import { pearlSchema } from "./pearl.js";
import { playTrials } from "./shared/play.js";
import { boxTrials, learnRound, type RoundState, startRounds, stepsOfRun } from "./shared/rounds.js";
import { finiteTasksOption, testTasksOf } from "./shared/trials.js";

export const metaCureSchema = pearlSchema.omit({ contextSize: true, encodeNext: true }).extend({
  tasks: finiteTasksOption(100, "training uses the identities of the training tasks"),
  contextEpisodes: pearlSchema.shape.contextEpisodes.describe(
    "number of first episodes of each training task, the most recent ones, from which encoder and exploration learn",
  ),
  encoderHidden: z
    .array(count())
    .default([64])
    .describe("sizes of the hidden layers of the encoder before its GRU, with activation relu"),
  encoderUnits: count().default(64).describe("units of the GRU of the encoder"),
  decoderHidden: z
    .array(count())
    .default([64, 64])
    .describe("sizes of the hidden layers of both predictors, with activation relu"),
  predictNext: z
    .boolean()
    .default(false)
    .describe("whether next observations are predicted beside rewards, for families whose dynamics differ"),
  intrinsicWeight: nonNegative()
    .default(0.1)
    .describe(
      "weight of the intrinsic reward of exploration: the error of the predictor that is given the belief, minus that " +
        "of the predictor that is given the identity of the training task",
    ),
});

export type MetaCureOptions = z.input<typeof metaCureSchema>;
export type ResolvedMetaCureOptions = z.output<typeof metaCureSchema>;

type Round = RoundState<MetaCureStates, MetaCurePolicy>;

export interface MetaCureState extends Round {
  live: Round["live"] & {
    /** Uniform noise from which actions are sampled, and normal noise for z. */
    uniforms: Float32Array;
    explorerUniforms: Float32Array;
    latentNoise: Float32Array;
    /** Which belief each transition is learnt with. */
    beliefs: Int32Array;
  };
}

/** MetaCURE for actions in a bounded box. */
export const metaCure = defineAlgorithm({
  name: "metaCure",
  summary:
    "MetaCURE: PEARL with a policy paid for exploring; training uses the identities of the training tasks",
  schema: metaCureSchema,
  environment: "PointGoal-v0",
  create: (options): Algorithm<MetaCureState> => ({
    name: "metaCure",
    options,
    unit: "environment steps",
    defaultSteps: 100_000,
    abilities: { density: true, memory: true },
    testTasks: (family) => testTasksOf(family, options.tasks),

    async init(problem: Problem, rng: Rng): Promise<MetaCureState> {
      const trial = boxTrials("metaCure", problem);
      const { gradientSteps, metaBatch, minibatchSize, latent, tasks } = options;
      const sizes = { metaBatch, minibatchSize, contextSize: trial.horizon };
      const most = stepsOfRun(gradientSteps, problem, sizes);
      const networks = learntNetworks(problem, options, tasks.train);
      const trainer = metaCureTrainer(networks, options, sizes, most);
      const learnt = trainer.initialise(rng);
      const policy = new MetaCurePolicy(networks.settings, parametersOf(learnt));
      const learner = { trial, policy, trainer, networks: learnt, sizes, most };
      const started = await startRounds(problem, learner, options, rng);
      const rows = most * metaBatch * minibatchSize;
      const width = spaceWidth(problem.actionSpace);
      return {
        ...started,
        live: {
          ...started.live,
          uniforms: new Float32Array(2 * rows * width),
          explorerUniforms: new Float32Array(2 * most * metaBatch * trial.horizon * width),
          latentNoise: new Float32Array(rows * latent),
          beliefs: new Int32Array(rows),
        },
      };
    },

    async update(state: MetaCureState): Promise<Metrics> {
      state.live.policy.parameters = parametersOf(state.networks);
      const played = await playTrials(state, requireWhole);
      return { ...played, ...(await learn(state, options)) };
    },

    policy: ({ live, networks }) => new MetaCurePolicy(live.policy.settings, parametersOf(networks)),
  }),
});

const parametersOf = ({ actor, explorer, encoder }: MetaCureStates) => ({
  actor: actor.parameters,
  explorer: explorer.parameters,
  encoder: encoder.parameters,
});

/** @throws UsageError when an episode ended before its time limit: the encoder learns from whole sequences */
function requireWhole(id: string, steps: number, horizon: number): void {
  if (steps === horizon) return;
  throw new UsageError(
    `metaCure needs episodes of one length, but one of ${id} ended after ${steps} of ${horizon} steps: ` +
      "choose an environment without early ends, or pearl",
  );
}

/** Takes the gradient steps after a round. Returns the means of their metrics. */
function learn(state: MetaCureState, options: ResolvedMetaCureOptions): Promise<Metrics> {
  const { live, noiseRng, replayRng } = state;
  const { metaBatch, minibatchSize } = options;
  return learnRound(state, options, ({ context, tasks }) => {
    for (let k = 0; k < live.beliefs.length; k++) {
      const task = Math.floor(k / minibatchSize) % metaBatch;
      live.beliefs[k] = replayRng.integer(live.trial.horizon + 1) * metaBatch + task;
    }
    return {
      tasks,
      uniforms: noiseRng.fillUniform(live.uniforms),
      beliefs: live.beliefs,
      latentNoise: noiseRng.fillNormal(live.latentNoise),
      contextNextObservations: context.nextObservations,
      contextDiscounts: context.discounts,
      explorerUniforms: noiseRng.fillUniform(live.explorerUniforms),
    };
  });
}
