/** @file The digits of the experiments of active learning. */

import { readLabelled } from "../../src/datasets/labelled/read.js";
import { type LabelledSet, withClasses } from "../../src/datasets/labelled.js";

/** Images of 8 × 8 pixels on [0, 1], from a file of 64 numbers from 0 to 16 and the class a line. */
export async function digitsFrom(path: string): Promise<LabelledSet> {
  const set = await readLabelled(path);
  return withClasses({ ...set, shape: [1, 8, 8], features: set.features.map((x) => x / 16) });
}

/** Every item of the pool so many times; the last `tests` items stay as they are, for the test. */
export function repeated(set: LabelledSet, { times, tests }: { times: number; tests: number }): LabelledSet {
  const width = set.features.length / set.labels!.length;
  const pool = set.labels!.length - tests;
  const rows = [
    ...Array.from({ length: pool * times }, (_, n) => n % pool),
    ...Array.from({ length: tests }, (_, n) => pool + n),
  ];
  const features = new Float32Array(rows.length * width);
  for (const [n, i] of rows.entries())
    features.set(set.features.subarray(i * width, (i + 1) * width), n * width);
  return {
    ...set,
    features,
    labels: Int32Array.from(rows, (i) => set.labels![i]),
    test: Int32Array.from({ length: tests }, (_, n) => pool * times + n),
  };
}
