/** @file One confusion matrix for the whole crowd [N §2.1, eq. 20–24]. */

import type { Annotations } from "./annotations.js";
import { type DawidSkeneFit, type DawidSkeneOptions, dawidSkene } from "./dawid-skene.js";
import { matricesFit } from "./fit.js";

export interface PooledFit extends Omit<DawidSkeneFit, "confusion"> {
  readonly confusion?: Float64Array;
}

/**
 * Dawid and Skene's model of a crowd whose annotators are all alike: for few labels an annotator. `confusion` and
 * `ability` repeat the crowd's for each annotator. N takes the prior as given; here it is fitted too.
 *
 * @throws UsageError for invalid options
 */
export function pooledMultinomial(annotations: Annotations, options?: DawidSkeneOptions): PooledFit {
  const { annotators, classes } = annotations;
  const crowd = { ...annotations, annotators: 1, annotator: new Int32Array(annotations.annotator.length) };
  const { confusion: own, ...fit } = dawidSkene(crowd, { smoothing: 0, ...options });
  const ability = new Float64Array(annotators).fill(fit.ability[0]);
  if (!matricesFit(annotations)) return { ...fit, ability };
  const confusion = new Float64Array(annotators * classes ** 2);
  for (let l = 0; l < annotators; l++) confusion.set(own, l * classes ** 2);
  return { ...fit, ability, confusion };
}
