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
  const nearest = nearestSquares(points, centres);
  const isChosen = new Uint8Array(count);
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
    if (b + 1 === places.length) break;
    const centre = Array.prototype.slice.call(data, best * width, (best + 1) * width);
    nearestSquares(points, { width, data: centre }, nearest);
  }
  return places;
}

/** Centres whose distances to a point are summed at once: a processor adds to several sums in the time of one. */
const AT_ONCE = 4;

/**
 * The squared distance of each point to its nearest centre; infinite without centres.
 *
 * @param nearest those to centres before, which are lowered in place
 */
function nearestSquares(
  { width, data }: Embeddings,
  { data: centres }: Embeddings,
  nearest: Float64Array = new Float64Array(data.length / width).fill(Number.POSITIVE_INFINITY),
): Float64Array {
  const whole = centres.length - (centres.length % (AT_ONCE * width));
  for (let i = 0; i < nearest.length; i++) {
    const from = i * width;
    let least = nearest[i];
    for (let m = 0; m < whole; m += AT_ONCE * width) {
      let [a, b, c, d] = [0, 0, 0, 0];
      for (let j = 0; j < width; j++) {
        const x = data[from + j];
        const at = m + j;
        const da = x - centres[at];
        const db = x - centres[at + width];
        const dc = x - centres[at + 2 * width];
        const dd = x - centres[at + 3 * width];
        a += da * da;
        b += db * db;
        c += dc * dc;
        d += dd * dd;
      }
      least = Math.min(least, a, b, c, d);
    }
    for (let m = whole; m < centres.length; m += width) {
      let square = 0;
      for (let j = 0; j < width; j++) square += (data[from + j] - centres[m + j]) ** 2;
      if (square < least) least = square;
    }
    nearest[i] = least;
  }
  return nearest;
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
