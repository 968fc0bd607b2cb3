/** @file The entropy of the prediction [N §2.4; Shannon 1948]. */

import type { Acquisition } from "../contract.js";
import { tabledEntropies } from "./entropy-table.js";
import { byRow, scored } from "./scored.js";

/** H = −Σ_k p_k log p_k of K numbers from `from`, in nats; 0 log 0 = 0. */
export function entropyAt(p: ArrayLike<number>, from: number, classes: number): number {
  let sum = 0;
  for (let k = from; k < from + classes; k++) if (p[k] > 0) sum -= p[k] * Math.log(p[k]);
  return sum;
}

/** Entropies of rows of probabilities `[n, K]`, in nats. */
export const entropyScores = (probabilities: ArrayLike<number>, classes: number): Float64Array =>
  probabilities instanceof Float32Array
    ? tabledEntropies(probabilities, classes)
    : byRow(probabilities, classes, (p, from) => entropyAt(p, from, classes));

export const entropy = (): Acquisition =>
  scored("entropy", [], async (pool) => entropyScores(await pool.probabilities(), pool.classes));
