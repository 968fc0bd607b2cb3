/** @file The probability that the predicted class is wrong [Lewis & Gale 1994]. */

import type { Acquisition } from "../contract.js";
import { byRow, scored } from "./scored.js";

/** 1 − max_k p_k of rows of probabilities `[n, K]`. */
export const leastConfidenceScores = (probabilities: ArrayLike<number>, classes: number): Float64Array =>
  byRow(probabilities, classes, (p, from) => {
    let most = 0;
    for (let k = from; k < from + classes; k++) most = Math.max(most, p[k]);
    return 1 - most;
  });

export const leastConfidence = (): Acquisition =>
  scored("leastConfidence", [], async (pool) =>
    leastConfidenceScores(await pool.probabilities(), pool.classes),
  );
