/** @file Acquisitions that take the items with the largest scores. */

import { chances } from "../chance.js";
import type { Ability, Acquisition, PoolView } from "../contract.js";
import { topB } from "../top-b.js";

/** An acquisition by scores: the batch is the items with the largest. */
export const scored = (
  name: string,
  needs: readonly Ability[],
  scores: (pool: PoolView) => Promise<Float64Array>,
): Acquisition => ({
  name,
  needs,
  scores,
  async select(pool, size, rng) {
    const keys = chances(pool.candidates, rng);
    return topB(await scores(pool), size, keys).map((i) => pool.candidates[i]);
  },
});

/** A score of each row of probabilities `[n, K]`. */
export function byRow(
  probabilities: ArrayLike<number>,
  classes: number,
  score: (p: ArrayLike<number>, from: number) => number,
): Float64Array {
  return Float64Array.from({ length: probabilities.length / classes }, (_, i) =>
    score(probabilities, i * classes),
  );
}
