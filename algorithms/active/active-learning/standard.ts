/** @file Scales features to mean 0 and deviation 1 over the pool, whose features are known without labels. */

import type { Classifier } from "../../../src/active/index.js";
import { featuresOf, type LabelledSet, widthOf } from "../../../src/datasets/labelled.js";

/** The means and inverse deviations that features are scaled by, `[width]`. */
export interface Standard {
  readonly mean: Float32Array;
  readonly scale: Float32Array;
}

/** Statistics of rows `[n, width]`: of each feature or, for images, one mean and deviation of all pixels. */
function standardOf(features: Float32Array, width: number, isImage: boolean): Standard {
  const [mean, scale] = [new Float32Array(width), new Float32Array(width)];
  const groups = isImage ? 1 : width;
  const count = features.length / groups;
  for (let j = 0; j < groups; j++) {
    let [sum, squares] = [0, 0];
    for (let n = j; n < features.length; n += groups) sum += features[n];
    const m = sum / count;
    for (let n = j; n < features.length; n += groups) squares += (features[n] - m) ** 2;
    const deviation = Math.sqrt(squares / count);
    const inverse = deviation > 1e-9 * (1 + Math.abs(m)) ? 1 / deviation : 1;
    if (isImage) {
      mean.fill(m);
      scale.fill(inverse);
    } else {
      mean[j] = m;
      scale[j] = inverse;
    }
  }
  return { mean, scale };
}

/** Scales rows `[n, width]` in place. */
export function scaled(features: Float32Array, standard: Standard | undefined): Float32Array {
  if (!standard) return features;
  const { mean, scale } = standard;
  for (let n = 0; n < features.length; n++) {
    const j = n % mean.length;
    features[n] = (features[n] - mean[j]) * scale[j];
  }
  return features;
}

/** The statistics of the pool that a classifier's features are scaled by; undefined where they come as they are. */
export const standardFor = (
  set: LabelledSet,
  pool: Int32Array,
  classifier: Classifier,
  standardise: boolean,
): Standard | undefined =>
  standardise && classifier.raw !== true
    ? standardOf(featuresOf(set, pool), widthOf(set.shape), set.shape.length === 3)
    : undefined;

/** The features of items as the classifier takes them, `[items, width]`. */
export const inputsOf = (
  { set, standard }: { set: LabelledSet; standard?: Standard },
  items: ArrayLike<number>,
): Float32Array => scaled(featuresOf(set, items), standard);
