/**
 * @file Behaviour cloning: imitation as supervised learning (Nalisnick, Human-in-the-Loop Machine Learning, §3.1,
 * eq. 49–50; Pomerleau 1991).
 */

import { z } from "zod";
import { count, fraction, nonNegative, positive } from "../../src/config/options.js";
import { type Demonstrations, splitEpisodes } from "../../src/datasets/demonstrations.js";
import { countPairs } from "../../src/datasets/transitions.js";
import type { Problem } from "../../src/env/contracts.js";
import type { Algorithm, Metrics } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import {
  type ActorCriticSettings,
  NetworkPolicy,
  type ObservationStatistics,
} from "../../src/policies/index.js";
import { normaliseRows } from "../../src/policies/statistics.js";
import type { Rng } from "../../src/random/rng.js";
import {
  demonstrationsSchema,
  fingerprint,
  requireDemonstrationsOf,
} from "../shared/demonstrations-option.js";
import { pairsOf, statisticsOf } from "../shared/labelled-pairs.js";
import { networkOptions, requireNormalisable } from "../shared/networks.js";
import {
  cloneSequences,
  createSequenceClonerState,
  type SequenceClonerOptions,
  type SequenceClonerState,
  sequenceClonerOf,
  sequenceLoss,
  sequencesOf,
} from "./cloning/sequences.js";
import {
  type ClonerOptions,
  type ClonerState,
  cloneBatches,
  clonerOf,
  createClonerState,
  heldOutLoss,
} from "./cloning/supervised.js";

/** What supervised learning on labelled pairs needs, here and inside DAgger. */
export const cloningOptions = {
  minibatchSize: count().default(32).describe("pairs in a gradient step"),
  learningRate: positive().default(1e-3).describe("Adam's step size"),
  loss: z
    .enum(["log-likelihood", "squared-error"])
    .default("log-likelihood")
    .describe("squared-error compares the policy's mean with the action: boxes only"),
  entropyCoefficient: nonNegative().default(0).describe("weight of the entropy bonus"),
  l2: nonNegative().default(0).describe("weight of half the squared norm of the parameters"),
  normaliseObservations: z
    .boolean()
    .default(false)
    .describe(
      "show the networks observations of a box at mean 0 and deviation 1 under those that are labelled",
    ),
  ...networkOptions,
};

const bcSchema = z.strictObject({
  demonstrations: demonstrationsSchema,
  epochs: count().default(50).describe("passes over the demonstrations"),
  heldOut: fraction().default(0).describe("share of the episodes kept aside to stop early"),
  patience: count().default(10).describe("epochs without a better held-out loss before stopping"),
  ...cloningOptions,
  recurrentUnits: count()
    .optional()
    .describe("units of a GRU behind the hidden layers; unset, the policy has no memory"),
  sequenceLength: count()
    .default(16)
    .describe("recurrent: steps of an episode in a gradient step; must divide minibatchSize"),
});

export type BcOptions = z.input<typeof bcSchema>;

export interface BcState {
  cloner: ClonerState | SequenceClonerState;
  /** The parameters of the lowest held-out loss so far, where episodes are held out. */
  best: { loss: number; epoch: number; parameters: Float32Array };
  stopped: boolean;
  live: {
    derived: true;
    fit: Fit;
    statistics?: ObservationStatistics;
    updates: number;
    perEpoch: number;
  };
}

/** The programs of a network with the data that they are run on. */
interface Fit {
  settings: ActorCriticSettings;
  /** Pairs to learn from. */
  count: number;
  start(rng: Rng): BcState["cloner"];
  /** So many gradient steps. */
  train(state: BcState["cloner"], updates: number): Promise<Metrics>;
  /** The mean loss on the episodes held out, where there are some. */
  heldOutLoss?(state: BcState["cloner"]): Promise<number>;
}

/** The demonstrations to learn from, and those to stop by. */
interface Parts {
  train: Demonstrations;
  heldOut?: Demonstrations;
}

function fitPairs(problem: Problem, options: ClonerOptions, { train, heldOut }: Parts): Fit {
  const pairs = pairsOf(train.trajectories, train);
  const cloner = clonerOf(problem, options, pairs.weights !== undefined);
  const aside = heldOut && pairsOf(heldOut.trajectories, heldOut);
  return {
    settings: cloner.network.settings,
    count: pairs.count,
    start: (rng) => createClonerState(cloner, rng),
    train: (state, updates) => cloneBatches(cloner, state, pairs, updates),
    heldOutLoss: aside && ((state) => heldOutLoss(cloner, state, aside)),
  };
}

function fitSequences(problem: Problem, options: SequenceClonerOptions, { train, heldOut }: Parts): Fit {
  const sequences = sequencesOf(train.trajectories, train);
  const cloner = sequenceClonerOf(problem, options);
  const aside = heldOut && sequencesOf(heldOut.trajectories, heldOut);
  return {
    settings: cloner.network.settings,
    count: sequences.count,
    start: (rng) => createSequenceClonerState(cloner, rng),
    train: (state, updates) => cloneSequences(cloner, state as SequenceClonerState, sequences, updates),
    heldOutLoss: aside && ((state) => sequenceLoss(cloner, state as SequenceClonerState, aside)),
  };
}

/** Demonstrations as the networks see them. */
const normalised = (statistics: ObservationStatistics, shown: Demonstrations): Demonstrations => ({
  ...shown,
  trajectories: shown.trajectories.map((trajectory) => ({
    ...trajectory,
    observations: normaliseRows(statistics, trajectory.observations),
  })),
});

/** Behaviour cloning of `demonstrations`, for discrete, multi-discrete and continuous actions. */
export const bc = defineAlgorithm({
  name: "bc",
  summary: "behaviour cloning: supervised learning from demonstrations",
  schema: bcSchema,
  needs: ["demonstrations"],
  create(options): Algorithm<BcState> {
    const { demonstrations, heldOut, patience, epochs, minibatchSize, recurrentUnits } = options;
    const pairs = countPairs(demonstrations.trajectories);
    return {
      name: "bc",
      options: { ...options, demonstrations: fingerprint(demonstrations) },
      unit: "updates",
      defaultSteps: epochs * Math.ceil(pairs / minibatchSize),

      async init(problem: Problem, rng: Rng): Promise<BcState> {
        requireDemonstrationsOf("bc", problem, demonstrations);
        const given: Parts =
          heldOut > 0
            ? splitEpisodes(demonstrations, heldOut, rng.stream("held-out"))
            : { train: demonstrations };
        if (options.normaliseObservations) requireNormalisable("bc", problem);
        const statistics = options.normaliseObservations
          ? statisticsOf(pairsOf(given.train.trajectories, given.train), problem)
          : undefined;
        const parts = statistics
          ? {
              train: normalised(statistics, given.train),
              heldOut: given.heldOut && normalised(statistics, given.heldOut),
            }
          : given;
        const fit = recurrentUnits
          ? fitSequences(problem, { ...options, recurrentUnits }, parts)
          : fitPairs(problem, options, parts);
        const cloner = fit.start(rng);
        const perEpoch = Math.ceil(fit.count / minibatchSize);
        return {
          cloner,
          best: { loss: Number.POSITIVE_INFINITY, epoch: 0, parameters: cloner.parameters },
          stopped: false,
          live: { derived: true, fit, statistics, updates: epochs * perEpoch, perEpoch },
        };
      },

      /** One epoch, or what is left of the last one. */
      async update(state: BcState): Promise<Metrics> {
        const { cloner, live } = state;
        const { fit, updates, perEpoch } = live;
        const metrics = await fit.train(cloner, Math.min(updates - cloner.steps, perEpoch));
        if (!fit.heldOutLoss) return metrics;
        const loss = await fit.heldOutLoss(cloner);
        const epoch = Math.ceil(cloner.steps / perEpoch);
        if (loss < state.best.loss) state.best = { loss, epoch, parameters: cloner.parameters };
        state.stopped = epoch - state.best.epoch >= patience;
        return { ...metrics, heldOutLoss: loss };
      },

      policy({ cloner, best, live }: BcState): NetworkPolicy {
        const parameters = live.fit.heldOutLoss ? best.parameters : cloner.parameters;
        return new NetworkPolicy(live.fit.settings, parameters, live.statistics);
      },

      done: (state) => state.stopped || state.cloner.steps >= state.live.updates,
    };
  },
});
