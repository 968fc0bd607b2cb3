/** @file Core-set [Sener & Savarese 2018, algorithm 1]: the farthest items from all that are labelled or chosen. */

import { chances } from "../chance.js";
import type { Acquisition, Embeddings } from "../contract.js";

/**
 * The greedy k-centre: each pick is the farthest from the centres so far, of which the largest distance is then at most
 * twice that of the best centres [Gonzalez 1985]. Without centres, the first pick is by the largest key.
 *
 * A point whose distance to some centre is below the best so far is not the farthest, whatever the other centres are:
 * its distances to them are left for a later pick, or for never.
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
  const places = new Int32Array(Math.min(size, count));
  const all = new Float64Array(centres.data.length + places.length * width);
  all.set(centres.data);
  let many = centres.data.length / width;
  const nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const seen = new Int32Array(count);
  const isChosen = new Uint8Array(count);
  for (let b = 0; b < places.length; b++) {
    let best = -1;
    for (let i = 0; i < count; i++) {
      if (isChosen[i]) continue;
      const least = best < 0 ? Number.NEGATIVE_INFINITY : nearest[best];
      if (nearest[i] < least) continue;
      while (seen[i] < many && nearest[i] >= least) {
        const some = many - seen[i] < AT_ONCE ? 1 : AT_ONCE;
        nearest[i] = Math.min(nearest[i], leastSquare(data, i * width, all, seen[i] * width, width, some));
        seen[i] += some;
      }
      if (nearest[i] > least || (nearest[i] === least && keys[i] > keys[best])) best = i;
    }
    places[b] = best;
    isChosen[best] = 1;
    for (let j = 0; j < width; j++) all[many * width + j] = data[best * width + j];
    many++;
  }
  return places;
}

/** Centres whose distances to a point are summed at once: a processor adds to several sums in the time of one. */
const AT_ONCE = 4;

/** The least squared distance of the point at `from` to one centre at `at`, or to the `AT_ONCE` that are there. */
function leastSquare(
  data: ArrayLike<number>,
  from: number,
  centres: Float64Array,
  at: number,
  width: number,
  some: number,
): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  if (some === 1) {
    for (let j = 0; j < width; j++) {
      const da = data[from + j] - centres[at + j];
      a += da * da;
    }
    return a;
  }
  for (let j = 0; j < width; j++) {
    const x = data[from + j];
    const da = x - centres[at + j];
    const db = x - centres[at + width + j];
    const dc = x - centres[at + 2 * width + j];
    const dd = x - centres[at + 3 * width + j];
    a += da * da;
    b += db * db;
    c += dc * dc;
    d += dd * dd;
  }
  return Math.min(a, b, c, d);
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
