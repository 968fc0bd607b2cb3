/**
 * @file BatchBALD [Kirsch et al. 2019, eq. 8 to 14]: the batch whose labels together say most about the parameters,
 * I(y_1 … y_b; θ) = H(y_1 … y_b) − Σ_i mean_s H[P^s_i]. It is submodular, so that the greedy batch has at least 1 − 1/e of
 * the best value, and an item's gain never grows: those whose last gain is below the best new one are not looked at.
 */

import type { Rng } from "../../random/rng.js";
import { chances } from "../chance.js";
import type { Acquisition, Samples } from "../contract.js";
import { baldScores, conditionalEntropies } from "./bald.js";

export interface BatchBaldOptions {
  /** The largest number of label combinations that are summed exactly; with more, so many are drawn. Default 10 000. */
  configurations?: number;
}

/** Label combinations of the chosen items. */
interface Joint {
  /** `[configurations, count]`: p(y_1 … y_b | sample s). */
  readonly table: Float64Array;
  /** The weight of each combination in the sum over them; absent: 1 each. */
  readonly weights?: Float64Array;
}

/**
 * The places of the items of a greedy batch, in the order of their choice.
 *
 * @param keys by which ties are broken
 * @param rng for drawn combinations
 */
export function batchBaldPlaces(
  samples: Samples,
  classes: number,
  size: number,
  { keys, rng, configurations = 10_000 }: BatchBaldOptions & { keys: ArrayLike<number>; rng: Rng },
): { places: Int32Array; gains: Float64Array } {
  const { count, data } = samples;
  const items = data.length / count / classes;
  const wanted = Math.min(size, items);
  const conditional = conditionalEntropies(samples, classes);
  /** An upper bound of each gain; −∞ for chosen items. */
  const bounds = baldScores(samples, classes);
  const order = Int32Array.from({ length: items }, (_, i) => i);
  const places: number[] = [];
  const gains: number[] = [];
  let joint: Joint = { table: new Float64Array(count).fill(1) };
  let entropyBefore = 0;
  while (places.length < wanted) {
    order.sort((a, b) => bounds[b] - bounds[a] || keys[b] - keys[a]);
    let best = -1;
    for (const i of order) {
      if (bounds[i] === Number.NEGATIVE_INFINITY) break;
      if (best >= 0 && bounds[i] < bounds[best]) break;
      if (places.length > 0) {
        bounds[i] = jointEntropy(joint, samples, classes, i) - entropyBefore - conditional[i];
      }
      if (best < 0 || bounds[i] > bounds[best] || (bounds[i] === bounds[best] && keys[i] > keys[best]))
        best = i;
    }
    places.push(best);
    gains.push(bounds[best]);
    bounds[best] = Number.NEGATIVE_INFINITY;
    if (places.length === wanted) break;
    joint =
      classes ** places.length <= configurations
        ? extended(joint, samples, classes, best)
        : drawn(samples, classes, places, configurations, rng);
    entropyBefore = entropyOf(joint, count);
  }
  return { places: Int32Array.from(places), gains: Float64Array.from(gains) };
}

/** All combinations with the label of one more item. */
function extended({ table }: Joint, { count, data }: Samples, classes: number, item: number): Joint {
  const items = data.length / count / classes;
  const rows = table.length / count;
  const out = new Float64Array(table.length * classes);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < classes; k++) {
      for (let s = 0; s < count; s++) {
        out[(row * classes + k) * count + s] =
          table[row * count + s] * data[(s * items + item) * classes + k];
      }
    }
  }
  return { table: out };
}

/** Combinations drawn from the mixture of the samples, as many from each, with the weights 1 / (M p(y)). */
function drawn(
  { count, data }: Samples,
  classes: number,
  places: readonly number[],
  configurations: number,
  rng: Rng,
): Joint {
  const items = data.length / count / classes;
  const table = new Float64Array(configurations * count).fill(1);
  const weights = new Float64Array(configurations);
  const p = new Float64Array(classes);
  for (let m = 0; m < configurations; m++) {
    for (const item of places) {
      const from = ((m % count) * items + item) * classes;
      for (let k = 0; k < classes; k++) p[k] = data[from + k];
      const y = rng.categorical(p);
      for (let s = 0; s < count; s++) table[m * count + s] *= data[(s * items + item) * classes + y];
    }
    let sum = 0;
    for (let s = 0; s < count; s++) sum += table[m * count + s] / count;
    weights[m] = 1 / (configurations * sum);
  }
  return { table, weights };
}

const termOf = (p: number, weight: number) => (p > 0 ? -weight * p * Math.log(p) : 0);

function entropyOf({ table, weights }: Joint, count: number): number {
  let entropy = 0;
  for (let row = 0; row < table.length / count; row++) {
    let p = 0;
    for (let s = 0; s < count; s++) p += table[row * count + s];
    entropy += termOf(p / count, weights?.[row] ?? 1);
  }
  return entropy;
}

/** H(y_1 … y_b, y_i). */
function jointEntropy(
  { table, weights }: Joint,
  { count, data }: Samples,
  classes: number,
  item: number,
): number {
  const items = data.length / count / classes;
  const own = new Float64Array(classes * count);
  for (let k = 0; k < classes; k++) {
    for (let s = 0; s < count; s++) own[k * count + s] = data[(s * items + item) * classes + k];
  }
  const rows = table.length / count;
  const sums = new Float64Array(2 * classes);
  let entropy = 0;
  for (let row = 0; row < rows; row += 2) {
    const two = Math.min(2, rows - row);
    addProducts(table, row * count, (row + two - 1) * count, own, count, sums);
    for (let n = 0; n < two * classes; n++) {
      entropy += termOf(sums[n] / count, weights?.[row + Number(n >= classes)] ?? 1);
    }
  }
  return entropy;
}

/**
 * The inner products of two rows of a table, from `one` and from `two`, with the rows of `own`, into `sums`. A processor
 * adds to several sums in the time of one, and a number that is read serves several.
 */
function addProducts(
  table: Float64Array,
  one: number,
  two: number,
  own: Float64Array,
  count: number,
  sums: Float64Array,
): void {
  const classes = own.length / count;
  for (let k = 0; k < classes; k += 2) {
    const first = k * count;
    const second = Math.min(k + 1, classes - 1) * count;
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let s = 0; s < count; s++) {
      const p = table[one + s];
      const q = table[two + s];
      const x = own[first + s];
      const y = own[second + s];
      a += p * x;
      b += p * y;
      c += q * x;
      d += q * y;
    }
    sums[k] = a;
    sums[classes + k] = c;
    if (k + 1 === classes) break;
    sums[k + 1] = b;
    sums[classes + k + 1] = d;
  }
}

export const batchBald = (options: BatchBaldOptions = {}): Acquisition => ({
  name: "batchBald",
  needs: ["samples"],
  scores: async (pool) => baldScores(await pool.samples(), pool.classes),
  async select(pool, size, rng) {
    const keys = chances(pool.candidates, rng);
    const samples = await pool.samples();
    const { places } = batchBaldPlaces(samples, pool.classes, size, { ...options, keys, rng });
    return places.map((i) => pool.candidates[i]);
  },
});
