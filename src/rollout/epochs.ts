/** @file Passes over data in random order. */

import type { Rng } from "../random/rng.js";

/** A pass in progress. Plain data. */
export interface Pass {
  /** A permutation of the indices. */
  order: Int32Array;
  /** The number of indices already returned. */
  used: number;
  shuffleRng: Rng;
}

/** The state before the first pass. */
export const createPass = (shuffleRng: Rng): Pass => ({ order: new Int32Array(0), used: 0, shuffleRng });

/** Fills `out` `[n]` with a random permutation of 0, …, n − 1, and returns it. */
export function permute(out: Int32Array, rng: Rng): Int32Array {
  for (let i = 0; i < out.length; i++) out[i] = i;
  return rng.shuffle(out);
}

/**
 * The next index of the current pass over `count` rows; a new pass begins when it is complete or `count` has changed.
 */
export function nextIndex(pass: Pass, count: number): number {
  if (pass.used >= pass.order.length || pass.order.length !== count) {
    pass.order = permute(new Int32Array(count), pass.shuffleRng);
    pass.used = 0;
  }
  return pass.order[pass.used++];
}
