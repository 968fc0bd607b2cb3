/** @file Labelled sets of points in clouds around centres on a circle. */

import type { LabelledSet } from "../../src/datasets/labelled.js";
import { createRng } from "../../src/random/rng.js";

/** The algorithms whose data are a labelled set. */
export const ofLabelledSets: readonly string[] = ["activeLearning", "alil", "ialeImitation"];

/** The items as a table. */
export function csvOf({ features, labels, classes }: LabelledSet): string {
  const rows = Array.from(labels!, (y, i) => [features[2 * i], features[2 * i + 1], classes[y]].join(","));
  return ["x,y,label", ...rows, ""].join("\n");
}

/** @param spread the deviation of the clouds; the centres are on the unit circle */
export function blobs({ items = 300, classes = 3, spread = 0.4, seed = 1 } = {}): LabelledSet {
  const rng = createRng(`blobs ${seed}`);
  const labels = Int32Array.from({ length: items }, () => rng.integer(classes));
  const features = new Float32Array(2 * items);
  labels.forEach((y, i) => {
    const angle = (2 * Math.PI * y) / classes;
    features[2 * i] = Math.cos(angle) + spread * rng.normal();
    features[2 * i + 1] = Math.sin(angle) + spread * rng.normal();
  });
  return { features, labels, shape: [2], classes: Array.from({ length: classes }, (_, k) => `class ${k}`) };
}
