/** @file The learner of fine-tuning on a data set of comparisons, apart from its loss. */

import { type Preferences, segmentSteps, targetOf } from "../../../src/datasets/preferences.js";
import type { Problem } from "../../../src/env/contracts.js";
import type { Algorithm, DataSet, Metrics } from "../../../src/learning/contract.js";
import type { Trainer } from "../../../src/learning/trainer.js";
import type { Activation } from "../../../src/nn/index.js";
import type { Policy } from "../../../src/policies/contract.js";
import { type NetworkData, NetworkPolicy, policyRecord } from "../../../src/policies/index.js";
import type { Rng } from "../../../src/random/rng.js";
import { weighedBy } from "../shared/annotator-weights.js";
import { preferencesRecord, requireDecided, requirePreferencesOf } from "../shared/preferences-option.js";
import { oneSidedWarnings, type TrustModel } from "../shared/trust.js";
import type { PairLoss } from "./losses.js";
import { normalisedPairs, type Pair, type SegmentArrays, segmentArrays } from "./rows.js";
import {
  policyOfStudent,
  type Reference,
  referencePolicy,
  requirePolicy,
  type Student,
  studentOf,
} from "./student.js";
import { createTunerState, type TunerState, tune, tunerOf } from "./tuner.js";

export interface FineTuningOptions {
  preferences: Preferences;
  annotatorWeights: "equal" | TrustModel;
  student?: Policy;
  epochs: number;
  minibatchSize: number;
  learningRate: number;
  l2: number;
  hidden: number[];
  activation: Activation;
  network?: NetworkData;
}

export interface FineTuningState {
  tuner: TunerState;
  live: { derived: true; student: Student; trainer: Trainer; arrays: SegmentArrays; pairs: Pair[] };
}

/** What an algorithm adds to the shared learner. */
export interface FineTuning {
  loss: PairLoss;
  /** π₀; by default none. */
  reference?: Reference;
  /** γ of the sums of log-probabilities. Default 1. */
  discount?: number;
  /** Whether pairs of which neither is better are learnt from. */
  withTies?: false | { neither: "equal" | "drop" };
  /** @throws UsageError for a problem that the algorithm does not suit */
  requireProblem?(problem: Problem): void;
  notes?: readonly string[];
}

/** The segments as a data set, with which a run needs no environment. */
const dataSetOf = ({ env, observationSpace, actionSpace, segments }: Preferences): DataSet => ({
  ...{ env, observationSpace, actionSpace },
  trajectories: segments.map(({ rewards, ...segment }) => ({
    ...segment,
    rewards: rewards ?? new Float64Array(segmentSteps(segment, { observationSpace })),
    truncated: false,
  })),
});

/** The pairs of comparisons: the chosen segment first. */
export function pairsOf({ comparisons }: Preferences, ties: NonNullable<FineTuning["withTies"]>): Pair[] {
  return comparisons.flatMap(({ left, right, choice, weight = 1 }) => {
    const target = targetOf(choice, ties === false ? "drop" : ties.neither);
    if (target === undefined || (ties === false && target === 0.5)) return [];
    const [first, second] = target === 0 ? [right, left] : [left, right];
    return [{ first, second, target: Math.max(target, 1 - target), weight }];
  });
}

const scratchNote = (name: string) =>
  `note: ${name}: the policy starts from random weights, because it has no student: to improve the policy whose segments ` +
  `were compared, give it as ${name === "dpo" ? "reference, or as student" : "student"}`;

const recordOf = (reference: Reference | undefined) =>
  typeof reference === "object" ? policyRecord(reference) : reference;

/** @throws UsageError where no comparison tells which segment is better */
export function fineTuner(
  name: string,
  options: FineTuningOptions & { reference?: Reference },
  { loss, reference = "none", discount = 1, withTies = false, ...own }: FineTuning,
): Algorithm<FineTuningState> {
  const { preferences, epochs, minibatchSize } = options;
  requireDecided(name, preferences);
  const pairs = normalisedPairs(name, pairsOf(weighedBy(options.annotatorWeights, preferences), withTies));
  const perEpoch = Math.ceil(pairs.length / minibatchSize);
  const updates = epochs * perEpoch;
  const fromReference = reference instanceof NetworkPolicy ? reference : undefined;
  return {
    name,
    options: {
      ...options,
      preferences: preferencesRecord(preferences),
      ...(options.student && { student: policyRecord(options.student) }),
      ...(options.reference !== undefined && { reference: recordOf(options.reference) }),
    },
    unit: "updates",
    defaultSteps: updates,
    dataSet: dataSetOf(preferences),
    notes: [
      ...(own.notes ?? []),
      ...(options.student || options.reference ? [] : [scratchNote(name)]),
      ...oneSidedWarnings(preferences).map((warning) => `note: ${name}: ${warning}`),
    ],

    async init(problem: Problem, rng: Rng): Promise<FineTuningState> {
      requirePreferencesOf(name, problem, preferences);
      own.requireProblem?.(problem);
      const prior = referencePolicy(reference, problem);
      if (prior) requirePolicy(name, "the reference", prior, problem);
      const student = studentOf(name, problem, options.student ?? fromReference, options);
      const { segments } = preferences;
      const length = segments.reduce(
        (most, segment) => Math.max(most, segmentSteps(segment, preferences)),
        0,
      );
      const trainer = tunerOf(student, { ...options, length }, loss);
      const shape = { length, discount, reference: prior, statistics: student.statistics };
      const arrays = await segmentArrays(name, segments, preferences, shape);
      return {
        tuner: createTunerState(trainer, student, rng),
        live: { derived: true, student, trainer, arrays, pairs },
      };
    },

    /** Trains for one pass over the pairs. */
    async update({ tuner, live }: FineTuningState): Promise<Metrics> {
      const { trainer, arrays } = live;
      const todo = Math.min(perEpoch, updates - tuner.steps);
      const metrics = await tune(trainer, tuner, arrays, pairs, { minibatchSize, updates: todo });
      return { steps: tuner.steps, ...metrics };
    },

    policy: ({ tuner, live }) => policyOfStudent(live.student, tuner.parameters),
    done: ({ tuner }) => tuner.steps >= updates,
  };
}
