/** @file Items with features, labelled by simulated annotators: clouds of points in the plane, one a class. */

import {
  type AnnotationRow,
  type Annotations,
  annotationsFrom,
  type Items,
  itemsFrom,
} from "../../src/crowds/index.js";
import { createRng } from "../../src/random/rng.js";
import type { Matrix } from "./crowds.js";

export interface LabelledItems {
  annotations: Annotations;
  items: Items;
  truth: number[];
}

/**
 * @param crowd the confusion matrix of each annotator
 * @param each labels of an item, by different annotators
 * @param tests number of items without labels
 */
export function labelledItems(
  crowd: readonly Matrix[],
  {
    items,
    each,
    tests = 0,
    seed = 0,
  }: { items: number; each: number; tests?: number; seed?: number | string },
): LabelledItems {
  const rng = createRng(seed);
  const K = crowd[0].length;
  const truth = Array.from({ length: items + tests }, () => rng.integer(K));
  const rows: AnnotationRow[] = [];
  for (let i = 0; i < items; i++) {
    const order = rng.shuffle(crowd.map((_, l) => l));
    for (const l of order.slice(0, each)) {
      rows.push({ item: `i${i}`, annotator: `a${l}`, label: `c${rng.categorical(crowd[l][truth[i]])}` });
    }
  }
  const classes = Array.from({ length: K }, (_, k) => `c${k}`);
  return {
    truth,
    annotations: annotationsFrom(rows, { classes }),
    items: itemsFrom(
      truth.map((k, i) => ({
        item: `i${i}`,
        truth: `c${k}`,
        features: {
          x: 3 * Math.cos((2 * Math.PI * k) / K) + rng.normal(),
          y: 3 * Math.sin((2 * Math.PI * k) / K) + rng.normal(),
        },
      })),
    ),
  };
}
