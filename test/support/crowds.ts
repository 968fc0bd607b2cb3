/** @file Annotations for tests: the table of 1979, and simulated annotators. */

import { type AnnotationRow, type Annotations, annotationsFrom } from "../../src/crowds/index.js";
import { createRng, type Rng } from "../../src/random/rng.js";

/** Ratings of 45 patients by five anaesthetists, the first of whom rated three times [Dawid & Skene 1979, table 1]. */
const RATINGS =
  "1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223 4444444 2223343 " +
  "1111111 2223212 1211111 1112111 1111111 1111111 2222221 2221322 2222222 2222221 2223222 2212222 " +
  "1111111 1111111 2322222 1111111 1111111 1121121 1111111 3333233 1111111 2222222 2223232 4334343 " +
  "2212232 2323233 3333432 1111111 1111111 1212111 2322222 1211111 2222222";

export const anaesthetists = (): Annotations =>
  annotationsFrom(
    RATINGS.split(" ").flatMap((ratings, patient) =>
      [...ratings].map((label, n) => ({ item: patient + 1, annotator: Math.max(1, n - 1), label })),
    ),
  );

/** The probabilities of the answers `[true][observed]` of an annotator. */
export type Matrix = readonly (readonly number[])[];

/** Right with probability `ability`, otherwise any other class. */
export const coin = (ability: number, classes = 2): Matrix =>
  Array.from({ length: classes }, (_, k) =>
    Array.from({ length: classes }, (_, y) => (y === k ? ability : (1 - ability) / (classes - 1))),
  );

/** One who always gives the same answer. */
export const always = (answer: number, classes = 2): Matrix =>
  Array.from({ length: classes }, () => Array.from({ length: classes }, (_, y) => Number(y === answer)));

const draw = (rng: Rng, probabilities: readonly number[]): number => {
  let left = rng.uniform();
  const found = probabilities.findIndex((p) => {
    left -= p;
    return left < 0;
  });
  return found < 0 ? probabilities.length - 1 : found;
};

/** Answers of all annotators to all items, with the truths. */
export function simulated(crowd: readonly Matrix[], items: number, seed: number | string) {
  const rng = createRng(seed);
  const classes = crowd[0].length;
  const truth = Array.from({ length: items }, () => rng.integer(classes));
  const rows: AnnotationRow[] = truth.flatMap((k, item) =>
    crowd.map((matrix, annotator) => ({ item, annotator, label: draw(rng, matrix[k]) })),
  );
  const names = Array.from({ length: classes }, (_, k) => k);
  return { truth, rows, annotations: annotationsFrom(rows, { classes: names }) };
}

/** The share of items whose most probable class is true; a tie counts as its share. */
export function accuracy(posterior: Float64Array, truth: readonly number[]): number {
  const classes = posterior.length / truth.length;
  const shares = truth.map((k, i) => {
    const row = posterior.subarray(i * classes, (i + 1) * classes);
    const most = Math.max(...row);
    const best = row.filter((p) => p > most - 1e-12).length;
    return row[k] > most - 1e-12 ? 1 / best : 0;
  });
  return shares.reduce((sum, share) => sum + share, 0) / truth.length;
}
