/** @file Pools without a classifier: predictions, samples and embeddings are given. */

import type { PoolView } from "../../src/active/contract.js";
import { createRng, type Rng } from "../../src/random/rng.js";

interface Given {
  candidates: number[];
  classes: number;
  labelled?: number[];
  /** `[labelled, K]` */
  targets?: number[];
  /** By item. */
  probabilities?: (item: number) => number[];
  samples?: (item: number, sample: number) => number[];
  count?: number;
  embedding?: (item: number) => number[];
  updated?: PoolView["updated"];
}

export function poolOf(given: Given): PoolView {
  const { candidates, classes, labelled = [], count = 4 } = given;
  const unset = (): never => {
    throw new Error("not asked for in this test");
  };
  const { probabilities = unset, samples = unset, embedding = unset } = given;
  const embeddingsOf = async (items: number[]) => {
    const rows = items.map(embedding);
    return { width: rows[0]?.length ?? 1, data: rows.flat() };
  };
  return {
    classes,
    candidates: Int32Array.from(candidates),
    labelled: Int32Array.from(labelled),
    labelledTargets: Float32Array.from(given.targets ?? []),
    probabilities: async () => candidates.flatMap(probabilities),
    samples: async () => ({
      count,
      data: Array.from({ length: count }, (_, s) => candidates.flatMap((item) => samples(item, s))).flat(),
    }),
    embeddings: () => embeddingsOf(candidates),
    labelledEmbeddings: () => embeddingsOf(labelled),
    labelledProbabilities: async () => labelled.flatMap(probabilities),
    updated: given.updated ?? unset,
    restrictedTo: (fewer) => poolOf({ ...given, candidates: [...fewer] }),
  };
}

/** A random distribution over the classes. */
function distribution(rng: Rng, classes: number): number[] {
  const parts = Array.from({ length: classes }, () => -Math.log(rng.uniform() + 1e-12));
  const sum = parts.reduce((a, b) => a + b, 0);
  return parts.map((x) => x / sum);
}

/** A pool with random predictions, samples of which they are the means, and embeddings: functions of the item. */
export function randomPool({
  items = 30,
  classes = 3,
  count = 5,
  width = 4,
  seed = 1,
  candidates = Array.from({ length: items }, (_, i) => i),
  labelled = [1000, 1001],
} = {}): PoolView {
  const rng = createRng(seed);
  const samples = (item: number, s: number) => distribution(rng.stream(`sample ${s}`, item), classes);
  return poolOf({
    ...{ candidates, classes, labelled, count, samples },
    probabilities(item) {
      const all = Array.from({ length: count }, (_, s) => samples(item, s));
      return all[0].map((_, k) => all.reduce((sum, p) => sum + p[k] / count, 0));
    },
    embedding(item) {
      const own = rng.stream("embedding", item);
      return Array.from({ length: width }, () => own.normal());
    },
    updated: async (item, label, at) =>
      [...at].flatMap((m) => distribution(rng.stream(`updated ${item} ${label}`, m), classes)),
  });
}
