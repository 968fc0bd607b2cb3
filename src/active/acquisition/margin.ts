/** @file The lead of the most probable class over the second [Scheffer et al. 2001]: small leads are worth most. */

import type { Acquisition } from "../contract.js";
import { byRow, scored } from "./scored.js";

/** 1 − (p₁ − p₂) of the two largest, on [0, 1], of rows of probabilities `[n, K]`. */
export const marginScores = (probabilities: ArrayLike<number>, classes: number): Float64Array =>
  byRow(probabilities, classes, (p, from) => {
    let [first, second] = [0, 0];
    for (let k = from; k < from + classes; k++) {
      if (p[k] > first) [first, second] = [p[k], first];
      else if (p[k] > second) second = p[k];
    }
    return 1 - (first - second);
  });

export const margin = (): Acquisition =>
  scored("margin", [], async (pool) => marginScores(await pool.probabilities(), pool.classes));
