/** @file The simulated grid of common errors: strength × proportion, with both readings of the individual strength. */

import type { CrowdClassifier } from "../../algorithms/crowds/shared/classifier.js";
import { aggregateThenTrain, conal, crowdLayer } from "../../algorithms/index.js";
import { type Annotations, type CommonNoise, commonNoise, type Items } from "../../src/crowds/index.js";
import type { Learner } from "../../src/learning/contract.js";
import { createRng } from "../../src/random/rng.js";
import type { Results } from "../lib/results.js";

export interface GridRun {
  part: "grid";
  kind: "symmetric" | "asymmetric";
  strength: number;
  proportion: number;
  individualAccuracy: number;
  method: string;
  seed: number;
  accuracy: number;
  /** Mean over rows of the L1 distance between the common matrix and the learnt one, for methods that have one. */
  recovery?: number;
  /** The same of the own matrices, a mean over annotators. */
  ownRecovery?: number;
}

type AnyLearner = Learner<Items, CrowdClassifier, object>;

/** Smaller than the text's 8000 items, and fewer strengths and proportions, so that a cell takes seconds. Fixed before the first run. */
const DATA = { items: 2000, tests: 1000 };
const shared = { hidden: [128], dropout: 0.5, learningRate: 5e-3, minibatchSize: 256, epochs: 20 };

const methods: Readonly<Record<string, (annotations: Annotations) => AnyLearner>> = {
  truth: (annotations) => aggregateThenTrain({ annotations, ...shared, model: "truth" }) as never,
  "majority vote": (annotations) =>
    aggregateThenTrain({ annotations, ...shared, model: "majority-vote", soft: false }) as never,
  "crowd layer": (annotations) => crowdLayer({ annotations, ...shared }) as never,
  "CoNAL, logits": (annotations) => conal({ annotations, ...shared }) as never,
  "CoNAL, stochastic": (annotations) => conal({ annotations, ...shared, combine: "stochastic" }) as never,
};

export const STRENGTHS = [0.4, 0.8];
export const PROPORTIONS = [0, 0.3, 0.6];

const distance = (a: ArrayLike<number>, b: ArrayLike<number>, rows: number) =>
  Array.from(a).reduce((sum, x, i) => sum + Math.abs(x - b[i]), 0) / rows;

export async function gridRuns(
  results: Results<object>,
  { seeds, accuracies = [0.7, 0.3] }: { seeds: readonly number[]; accuracies?: readonly number[] },
): Promise<void> {
  for (const seed of seeds) {
    for (const kind of ["asymmetric", "symmetric"] as const) {
      for (const individualAccuracy of accuracies) {
        for (const strength of STRENGTHS) {
          for (const proportion of PROPORTIONS) {
            const cell = { kind, strength, proportion, individualAccuracy };
            let data: CommonNoise | undefined;
            for (const [method, create] of Object.entries(methods)) {
              const key = ["grid", kind, individualAccuracy, strength, proportion, method, seed].join("/");
              await results.keep(key, async (): Promise<GridRun> => {
                data ??= commonNoise({ ...DATA, ...cell, seed: `grid ${seed}` });
                const { annotations, items, common, own } = data;
                const learner = create(annotations);
                const state = await learner.init(items, createRng(seed));
                while (!learner.done!(state)) await learner.update(state);
                const classifier = learner.artefact(state) as CrowdClassifier;
                const p = await classifier.predict(items);
                const K = annotations.classes;
                let right = 0;
                for (let i = DATA.items; i < DATA.items + DATA.tests; i++) {
                  const row = p.subarray(i * K, (i + 1) * K);
                  if (row.indexOf(Math.max(...row)) === data.truth[i]) right++;
                }
                return {
                  ...{ part: "grid", ...cell, method, seed, accuracy: right / DATA.tests },
                  ...(classifier.common && { recovery: distance(classifier.common, common, K) }),
                  ...(classifier.confusion && {
                    ownRecovery: distance(classifier.confusion, own, K * annotations.annotators),
                  }),
                };
              });
            }
          }
        }
      }
    }
  }
}
