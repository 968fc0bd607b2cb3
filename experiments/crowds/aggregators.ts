/** @file The models of annotators on nine data sets: how many labels they infer rightly. */

import {
  communities,
  dawidSkene,
  glad,
  type LabelFit,
  mace,
  majorityVote,
  oneCoin,
  pooledMultinomial,
  raykar,
} from "../../src/crowds/index.js";
import type { Results } from "../lib/results.js";
import { type CrowdSet, load, loaders } from "./data.js";

export interface AggregatorRun {
  part: "aggregators";
  set: string;
  method: string;
  items: number;
  annotators: number;
  labels: number;
  classes: number;
  /** The share of the items of known truth whose label is right; of tied votes their share. */
  accuracy: number;
  logLikelihood?: number;
  iterations: number;
  converged: boolean;
}

export const aggregators: Readonly<Record<string, (set: CrowdSet) => LabelFit | undefined>> = {
  "majority vote": ({ annotations }) => majorityVote(annotations),
  pooled: ({ annotations }) => pooledMultinomial(annotations),
  "one-coin": ({ annotations }) => oneCoin(annotations),
  GLAD: ({ annotations }) => glad(annotations),
  MACE: ({ annotations }) => mace(annotations),
  communities: ({ annotations }) => communities(annotations),
  "Dawid–Skene, largest likelihood": ({ annotations }) => dawidSkene(annotations, { smoothing: 0 }),
  "Dawid–Skene": ({ annotations }) => dawidSkene(annotations),
  Raykar: ({ annotations, items }) => items && raykar(annotations, items),
};

function accuracyOf(posterior: ArrayLike<number>, truth: Int32Array): number {
  const K = posterior.length / truth.length;
  let [known, right] = [0, 0];
  for (const [i, k] of truth.entries()) {
    if (k < 0) continue;
    known++;
    let most = 0;
    for (let j = 0; j < K; j++) most = Math.max(most, posterior[i * K + j]);
    if (posterior[i * K + k] < most - 1e-12) continue;
    let tied = 0;
    for (let j = 0; j < K; j++) if (posterior[i * K + j] >= most - 1e-12) tied++;
    right += 1 / tied;
  }
  return right / known;
}

export async function aggregatorRuns(results: Results<object>, folder: string): Promise<void> {
  for (const name of Object.keys(loaders)) {
    const set = load(folder, name);
    if (!set) continue;
    const { items, annotators, classes, label } = set.annotations;
    for (const [method, infer] of Object.entries(aggregators)) {
      if (method === "Raykar" && !set.items) continue;
      await results.keep(`aggregators/${name}/${method}`, async (): Promise<AggregatorRun> => {
        const { posterior, logLikelihood, iterations, converged } = infer(set)!;
        return {
          part: "aggregators",
          ...{ set: name, method, items, annotators, labels: label.length, classes },
          accuracy: accuracyOf(posterior, set.truth),
          ...(Number.isFinite(logLikelihood) && { logLikelihood }),
          ...{ iterations, converged },
        };
      });
    }
  }
}
