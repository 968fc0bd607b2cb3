/** @file A policy network together with the data that BC fits it to: pairs or, for policies with memory, episodes. */

import type { Demonstrations } from "../../../src/datasets/demonstrations.js";
import type { Problem } from "../../../src/env/contracts.js";
import type { Metrics } from "../../../src/learning/contract.js";
import type { ActorCriticSettings, ObservationStatistics } from "../../../src/policies/index.js";
import { normaliseRows } from "../../../src/policies/statistics.js";
import type { Rng } from "../../../src/random/rng.js";
import { pairsOf, scalingOf, statisticsOf } from "../../shared/labelled-pairs.js";
import { requireNormalisable } from "../../shared/networks.js";
import {
  cloneSequences,
  createSequenceClonerState,
  type SequenceClonerOptions,
  type SequenceClonerState,
  sequenceClonerOf,
  sequenceLoss,
  sequencesOf,
} from "./sequences.js";
import {
  type ClonerOptions,
  type ClonerState,
  cloneBatches,
  clonerOf,
  createClonerState,
  heldOutLoss,
} from "./supervised.js";

export interface Fit {
  settings: ActorCriticSettings;
  /** The statistics that standardise observations; absent without standardisation. */
  statistics?: ObservationStatistics;
  /** Number of pairs to learn from. */
  count: number;
  start(rng: Rng): FitState;
  /** Takes `updates` gradient steps. */
  train(state: FitState, updates: number): Promise<Metrics>;
  /** The mean loss on the held-out episodes; absent without held-out episodes. */
  heldOutLoss?(state: FitState): Promise<number>;
}

export type FitState = ClonerState | SequenceClonerState;

/** Demonstrations to learn from and, for early stopping, held-out ones. */
export interface Parts {
  train: Demonstrations;
  heldOut?: Demonstrations;
}

export interface FitOptions extends ClonerOptions {
  normaliseObservations: boolean;
  /** Units of a GRU; unset: the policy has no memory. */
  recurrentUnits?: number;
  sequenceLength: number;
}

export function fitOf(problem: Problem, options: FitOptions, { train, heldOut }: Parts): Fit {
  const { normaliseObservations, recurrentUnits } = options;
  if (normaliseObservations) requireNormalisable("bc", problem);
  const statistics = normaliseObservations
    ? statisticsOf(pairsOf(train.trajectories, train), problem)
    : undefined;
  const parts = {
    train: normalised(train, statistics),
    heldOut: heldOut && normalised(heldOut, statistics),
  };
  const fit = recurrentUnits
    ? fitSequences(problem, { ...options, recurrentUnits }, parts)
    : fitPairs(problem, options, parts);
  return { ...fit, statistics };
}

/** The demonstrations with standardised observations, or as they are without statistics. */
const normalised = (demonstrations: Demonstrations, statistics?: ObservationStatistics): Demonstrations =>
  statistics
    ? {
        ...demonstrations,
        trajectories: demonstrations.trajectories.map((trajectory) => ({
          ...trajectory,
          observations: normaliseRows(statistics, trajectory.observations),
        })),
      }
    : demonstrations;

function fitPairs(problem: Problem, options: ClonerOptions, { train, heldOut }: Parts): Fit {
  const pairs = pairsOf(train.trajectories, train);
  const scaling = scalingOf(pairs, problem);
  const cloner = clonerOf(problem, { ...options, scaling }, pairs.weights !== undefined);
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
  const scaling = scalingOf(pairsOf(train.trajectories, train), problem);
  const cloner = sequenceClonerOf(problem, { ...options, scaling });
  const aside = heldOut && sequencesOf(heldOut.trajectories, heldOut);
  return {
    settings: cloner.network.settings,
    count: sequences.count,
    start: (rng) => createSequenceClonerState(cloner, rng),
    train: (state, updates) => cloneSequences(cloner, state as SequenceClonerState, sequences, updates),
    heldOutLoss: aside && ((state) => sequenceLoss(cloner, state as SequenceClonerState, aside)),
  };
}
