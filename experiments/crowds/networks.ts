/** @file Networks from annotations over seeds, and with fewer labels: accuracy on the test set, which chooses nothing. */

import type { CrowdClassifier } from "../../algorithms/crowds/shared/classifier.js";
import {
  aggNet,
  aggregateThenTrain,
  conal,
  crowdInG,
  crowdLayer,
  doctorNet,
  maxMig,
  traceRegularised,
} from "../../algorithms/index.js";
import { type Annotations, type Items, labelsOf, splitLabels } from "../../src/crowds/index.js";
import type { Learner } from "../../src/learning/contract.js";
import { createRng } from "../../src/random/rng.js";
import type { Results } from "../lib/results.js";
import { load } from "./data.js";

export interface NetworkRun {
  part: "networks" | "sparsity" | "variants";
  set: string;
  method: string;
  seed: number;
  /** Share of the labels that was removed, each item keeping one. */
  removed: number;
  /** Accuracy on the items without labels, after the last epoch, and after the one of the likeliest held-out labels. */
  last: number;
  validated: number;
  validatedEpoch: number;
  /** The largest accuracy of any epoch, which the test set chooses: what not to report. */
  bestByTest: number;
}

type AnyLearner = Learner<Items, CrowdClassifier, object>;
type Method = (annotations: Annotations) => AnyLearner;

/** Settings of all networks and sets. The step size and the epochs were changed once, after one look at seed 100. */
const shared = {
  hidden: [128],
  dropout: 0.5,
  learningRate: 1e-3,
  minibatchSize: 256,
  epochs: 100,
  heldOut: 0.1,
};
const augmented = { augmented: 20, pairs: 2048, rounds: 3 };

const given = (annotations: Annotations) => ({ annotations, ...shared });

export const networks: Readonly<Record<string, Method>> = {
  truth: (a) => aggregateThenTrain({ ...given(a), model: "truth" }) as never,
  "majority vote": (a) => aggregateThenTrain({ ...given(a), model: "majority-vote", soft: false }) as never,
  "vote, soft": (a) => aggregateThenTrain({ ...given(a), model: "majority-vote" }) as never,
  "Dawid–Skene": (a) => aggregateThenTrain(given(a)) as never,
  GLAD: (a) => aggregateThenTrain({ ...given(a), model: "glad" }) as never,
  communities: (a) => aggregateThenTrain({ ...given(a), model: "communities" }) as never,
  "crowd layer": (a) => crowdLayer(given(a)) as never,
  trace: (a) => traceRegularised(given(a)) as never,
  "Doctor Net": (a) => doctorNet(given(a)) as never,
  "Max-MIG": (a) => maxMig(given(a)) as never,
  AggNet: (a) => aggNet(given(a)) as never,
  "CoNAL, logits": (a) => conal(given(a)) as never,
  "CoNAL, mixture": (a) => conal({ ...given(a), combine: "mixture" }) as never,
  "CoNAL, stochastic": (a) => conal({ ...given(a), combine: "stochastic" }) as never,
  "CoNAL, logits, λ 0": (a) => conal({ ...given(a), distance: 0 }) as never,
  CrowdInG: (a) => crowdInG({ ...given(a), ...augmented }) as never,
};

/** CrowdInG without each of its parts. */
export const variants: Readonly<Record<string, Method>> = {
  CrowdInG: networks.CrowdInG,
  "CrowdG: no information": (a) => crowdInG({ ...given(a), ...augmented, information: 0 }) as never,
  "U: no items": (a) => crowdInG({ ...given(a), ...augmented, sees: "no items" }) as never,
  "I: no annotators": (a) => crowdInG({ ...given(a), ...augmented, sees: "no annotators" }) as never,
  "R: selection by chance": (a) => crowdInG({ ...given(a), ...augmented, selection: "chance" }) as never,
  "one step": (a) => crowdInG({ ...given(a), ...augmented, update: "one step" }) as never,
  "no correlation": (a) => crowdInG({ ...given(a), ...augmented, correlation: false }) as never,
  "crowd layer": networks["crowd layer"],
};

const SPARSE = ["majority vote", "crowd layer", "CrowdInG"];
const REMOVED = [0.2, 0.4, 0.6];
const SETS = ["Music", "LabelMe"];

async function learn(learner: AnyLearner, items: Items, seed: number) {
  const state = await learner.init(items, createRng(seed));
  const labelled = (learner.artefact(state) as CrowdClassifier).learntFrom;
  const tests = items.names.flatMap((name, i) => (labelled.has(name) ? [] : [i]));
  const accuracies: number[] = [];
  const likelihoods: number[] = [];
  while (!learner.done!(state)) {
    const { heldOutLikelihood } = await learner.update(state);
    likelihoods.push(heldOutLikelihood);
    const classifier = learner.artefact(state) as CrowdClassifier;
    const p = await classifier.predict(items);
    const K = classifier.classes.length;
    const right = tests.filter((i) => {
      const row = p.subarray(i * K, (i + 1) * K);
      return classifier.classes[row.indexOf(Math.max(...row))] === items.truth![i];
    });
    accuracies.push(right.length / tests.length);
  }
  const at = likelihoods.indexOf(Math.max(...likelihoods));
  return {
    last: accuracies[accuracies.length - 1],
    validated: accuracies[at],
    validatedEpoch: at + 1,
    bestByTest: Math.max(...accuracies),
  };
}

export interface Asked {
  folder: string;
  part: NetworkRun["part"];
  seeds: readonly number[];
  sets?: readonly string[];
  methods?: readonly string[];
}

/** Adds all missing runs, seed by seed, so that an early stop leaves all methods with fewer seeds. */
export async function networkRuns(
  results: Results<object>,
  { folder, part, seeds, sets = SETS, methods }: Asked,
): Promise<void> {
  const table = part === "variants" ? variants : networks;
  const names = methods ?? (part === "sparsity" ? SPARSE : Object.keys(table));
  for (const set of sets) {
    const data = load(folder, set);
    if (!data?.items) continue;
    for (const seed of seeds) {
      for (const removed of part === "sparsity" ? REMOVED : [0]) {
        for (const method of names) {
          const key = [part, set, method, ...(part === "sparsity" ? [removed] : []), seed].join("/");
          await results.keep(key, async (): Promise<NetworkRun> => {
            const { train } = splitLabels(data.annotations, removed, createRng(`removed ${seed}`));
            if (labelsOf(train) === 0) throw new Error(`${set} has no labels`);
            return {
              part,
              set,
              method,
              seed,
              removed,
              ...(await learn(table[method](train), data.items!, seed)),
            };
          });
        }
      }
    }
  }
}
