/** @file The parts of the experiment: what is compared, on which data, with which settings, fixed before the first run. */

import type { ActiveLearningOptions } from "../../algorithms/active/active-learning.js";
import type { LabelledSet } from "../../src/datasets/labelled.js";
import type { AcquisitionRun } from "../../src/runs/acquisition-comparison.js";
import { repeated } from "./digits.js";

export interface ActiveRun extends AcquisitionRun {
  part: string;
}

interface Part {
  acquisitions: Readonly<Record<string, NonNullable<ActiveLearningOptions["acquisition"]>>>;
  options: ActiveLearningOptions;
  /** Classifiers of single acquisitions, in place of that of the options. */
  classifiers?: Readonly<Record<string, ActiveLearningOptions["classifier"]>>;
  set?(digits: LabelledSet): LabelledSet;
  /** The accuracy whose labels are counted. */
  reach: number;
}

const named = (...names: string[]) => Object.fromEntries(names.map((name) => [name, name]));

const common: ActiveLearningOptions = { initial: 10, batch: 10, budget: 150, test: 600 };
const network = { name: "mlp", hidden: [128], dropout: 0.5, fitSteps: 150 };

export const parts: Readonly<Record<string, Part>> = {
  linear: {
    acquisitions: {
      ...named("random", "margin", "margin@100", "least-confidence", "entropy", "query-by-committee"),
      "core-set": "core-set",
      "margin, density 1": { name: "margin", density: 1 },
      "random, five bootstrapped models": "random",
      "query-by-committee, kl": { name: "query-by-committee", disagreement: "kl" },
      "query-by-committee, no bootstrap": "query-by-committee",
    },
    options: { ...common, classifier: "softmax-regression" },
    classifiers: {
      "random, five bootstrapped models": { name: "softmax-regression", members: 5 },
      "query-by-committee, no bootstrap": { name: "softmax-regression", members: 5, bootstrap: false },
    },
    reach: 0.85,
  },
  network: {
    acquisitions: named(
      "random",
      "margin",
      "margin@100",
      "entropy",
      "bald",
      "batch-bald@100",
      "badge",
      "core-set",
      "core-set@100",
      "sparse-subset",
    ),
    options: { ...common, classifier: network },
    reach: 0.9,
  },
  copies: {
    acquisitions: named("random", "margin", "bald@200", "batch-bald@200"),
    options: { ...common, budget: 150, classifier: network },
    set: (digits) => repeated({ ...digits, test: undefined }, { times: 4, tests: 600 }),
    reach: 0.85,
  },
};

export const partNames: readonly string[] = Object.keys(parts);
