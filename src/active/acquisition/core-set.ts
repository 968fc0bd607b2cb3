/** @file Core-set [Sener & Savarese 2018, algorithm 1]: the farthest items from all that are labelled or chosen. */

import { chances } from "../chance.js";
import type { Acquisition, Embeddings } from "../contract.js";

/**
 * The greedy k-centre: each pick is the farthest from the centres so far, of which the largest distance is then at most
 * twice that of the best centres [Gonzalez 1985]. Without centres, the first pick is by the largest key.
 *
 * @param points `[n, width]`
 * @param centres `[m, width]`, which are there already
 * @returns places of points, in the order of their choice
 */
export function kCentreGreedy(
  points: Embeddings,
  centres: Embeddings,
  size: number,
  keys: ArrayLike<number>,
): Int32Array {
  const { width, data } = points;
  const count = data.length / width;
  const nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const isChosen = new Uint8Array(count);
  const add = (centre: ArrayLike<number>, from: number) => {
    for (let i = 0; i < count; i++) {
      let square = 0;
      for (let j = 0; j < width; j++) square += (data[i * width + j] - centre[from + j]) ** 2;
      if (square < nearest[i]) nearest[i] = square;
    }
  };
  for (let m = 0; m < centres.data.length / width; m++) add(centres.data, m * width);
  const places = new Int32Array(Math.min(size, count));
  for (let b = 0; b < places.length; b++) {
    let best = -1;
    for (let i = 0; i < count; i++) {
      if (isChosen[i]) continue;
      const isMore =
        best < 0 || nearest[i] > nearest[best] || (nearest[i] === nearest[best] && keys[i] > keys[best]);
      if (isMore) best = i;
    }
    places[b] = best;
    isChosen[best] = 1;
    if (b + 1 < places.length) add(data, best * width);
  }
  return places;
}

export const coreSet = (): Acquisition => ({
  name: "coreSet",
  needs: ["embeddings"],
  async select(pool, size, rng) {
    const keys = chances(pool.candidates, rng);
    const places = kCentreGreedy(await pool.embeddings(), await pool.labelledEmbeddings(), size, keys);
    return places.map((i) => pool.candidates[i]);
  },
});
