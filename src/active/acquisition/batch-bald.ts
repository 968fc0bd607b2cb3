/**
 * @file BatchBALD [Kirsch et al. 2019, eq. 8 to 14]: the batch whose labels together say most about the parameters,
 * I(y_1 … y_b; θ) = H(y_1 … y_b) − Σ_i mean_s H[P^s_i]. It is submodular, so that the greedy batch has at least 1 − 1/e of
 * the best value, and an item's gain never grows: those whose last gain is below the best new one are not looked at. Nor
 * does its gain where the first item has a certain label, so that the gains given the labels so far and the last ones
 * given the others bound what an item can gain, and most are left before the end.
 */

import type { Rng } from "../../random/rng.js";
import { chances } from "../chance.js";
import type { Acquisition, Samples } from "../contract.js";
import { baldScores, entropiesOfSamples } from "./bald.js";
import { tabledEntropyAt, wordsOf } from "./entropy-table.js";

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
  /** Equal parts of the combinations, in their order: one for each label of the first item, or all in one. */
  readonly parts: readonly Part[];
}

interface Part {
  /** −Σ p log p over its combinations. */
  readonly entropy: number;
  /** `[count]`: its probability in each sample, divided by their number. */
  readonly shares: Float64Array;
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
  const items = samples.data.length / samples.count / classes;
  const wanted = Math.min(size, items);
  const entropies = entropiesOfSamples(samples, classes).data;
  /** An upper bound of each gain; −∞ for chosen items. */
  const bounds = baldScores(samples, classes);
  /** `[items, K]`: an upper bound of each gain where the first item has a certain label, times its probability. */
  const partBounds = new Float64Array(items * classes).fill(Number.POSITIVE_INFINITY);
  const order = Int32Array.from({ length: items }, (_, i) => i);
  const places: number[] = [];
  const gains: number[] = [];
  let joint: Joint | undefined;
  while (places.length < wanted) {
    order.sort((a, b) => bounds[b] - bounds[a] || keys[b] - keys[a]);
    let best = -1;
    for (const i of order) {
      if (bounds[i] === Number.NEGATIVE_INFINITY) break;
      if (best >= 0 && bounds[i] < bounds[best]) break;
      if (joint) {
        const own = partBounds.subarray(i * classes, (i + 1) * classes);
        const enough = best < 0 ? Number.NEGATIVE_INFINITY : bounds[best] - ROUNDING;
        bounds[i] = gainOf(joint, { samples, classes, item: i, entropies }, own, enough);
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
  }
  return { places: Int32Array.from(places), gains: Float64Array.from(gains) };
}

/** What gains may differ by because of rounding. */
const ROUNDING = 1e-12;

/** All combinations with the label of one more item. */
function extended(joint: Joint | undefined, { count, data }: Samples, classes: number, item: number): Joint {
  const items = data.length / count / classes;
  const before = joint?.table ?? new Float64Array(count).fill(1);
  const table = new Float64Array(before.length * classes);
  for (let row = 0; row < before.length / count; row++) {
    for (let k = 0; k < classes; k++) {
      for (let s = 0; s < count; s++) {
        table[(row * classes + k) * count + s] =
          before[row * count + s] * data[(s * items + item) * classes + k];
      }
    }
  }
  const rows = table.length / classes;
  return {
    table,
    parts: Array.from({ length: classes }, (_, k) => partOf(table.subarray(k * rows, (k + 1) * rows), count)),
  };
}

/** A part of the combinations, of its rows of the table. */
function partOf(table: Float64Array, count: number, weights?: Float64Array): Part {
  const shares = new Float64Array(count);
  let entropy = 0;
  for (let row = 0; row < table.length / count; row++) {
    const weight = weights?.[row] ?? 1;
    let p = 0;
    for (let s = 0; s < count; s++) {
      p += table[row * count + s] / count;
      shares[s] += (weight * table[row * count + s]) / count;
    }
    if (p > 0) entropy -= weight * p * Math.log(p);
  }
  return { entropy, shares };
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
  // The labels of an item given these are as uncertain in each sample as they are without.
  const shares = new Float64Array(count).fill(1 / count);
  return { table, weights, parts: [{ ...partOf(table, count, weights), shares }] };
}

/** An item that may be chosen. */
interface Candidate {
  samples: Samples;
  classes: number;
  item: number;
  /** `[count, items]`: the entropy of each item's prediction in each sample. */
  entropies: ArrayLike<number>;
}

/**
 * H(y_1 … y_b, y_i) − H(y_1 … y_b) − mean_s H[P^s_i], or an upper bound of it that is below `enough`.
 *
 * @param bounds of the parts of this gain, which become its parts as far as they are looked at
 */
function gainOf(joint: Joint, candidate: Candidate, bounds: Float64Array, enough: number): number {
  const { samples, classes, item, entropies } = candidate;
  const { count, data } = samples;
  const items = entropies.length / count;
  const wide = Math.ceil(classes / TOGETHER) * TOGETHER;
  const own = new Float64Array(count * wide);
  for (let s = 0; s < count; s++) {
    for (let k = 0; k < classes; k++) own[s * wide + k] = data[(s * items + item) * classes + k] / count;
  }
  const rows = joint.table.length / count / joint.parts.length;
  let gain = 0;
  for (const [n, { entropy, shares }] of joint.parts.entries()) {
    let part = jointEntropy(joint, n * rows, (n + 1) * rows, own, count) - entropy;
    for (let s = 0; s < count; s++) part -= shares[s] * entropies[s * items + item];
    gain += part;
    bounds[n] = part;
    let rest = 0;
    for (let m = n + 1; m < joint.parts.length; m++) rest += bounds[m];
    if (gain + rest < enough) return gain + rest;
  }
  return gain;
}

/** Classes whose sums are made together: with two rows these are ten sums, about as many as a processor has registers. */
const TOGETHER = 5;

/** −Σ p log p over the combinations of some rows with the labels of one more item, whose p(y | s) / count are `own`. */
function jointEntropy(
  { table, weights }: Joint,
  from: number,
  to: number,
  own: Float64Array,
  count: number,
): number {
  const wide = own.length / count;
  const sums = new Float64Array(2 * wide);
  const words = wordsOf(sums);
  let entropy = 0;
  for (let row = from; row < to; row += 2) {
    const other = Math.min(row + 1, to - 1);
    addProducts(table, row * count, other * count, own, count, sums);
    entropy += (weights?.[row] ?? 1) * tabledEntropyAt(sums, words, 0, wide);
    if (other > row) entropy += (weights?.[other] ?? 1) * tabledEntropyAt(sums, words, wide, wide);
  }
  return entropy;
}

/** The products of two rows of a table, from `one` and from `two`, with the columns of `own`, into `sums`. */
function addProducts(
  table: Float64Array,
  one: number,
  two: number,
  own: Float64Array,
  count: number,
  sums: Float64Array,
): void {
  const wide = own.length / count;
  for (let k = 0; k < wide; k += TOGETHER) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let e = 0;
    let f = 0;
    let g = 0;
    let h = 0;
    let i = 0;
    let j = 0;
    for (let s = 0, at = k; s < count; s++, at += wide) {
      const p = table[one + s];
      const q = table[two + s];
      const v = own[at];
      const w = own[at + 1];
      const x = own[at + 2];
      const y = own[at + 3];
      const z = own[at + 4];
      a += p * v;
      b += p * w;
      c += p * x;
      d += p * y;
      e += p * z;
      f += q * v;
      g += q * w;
      h += q * x;
      i += q * y;
      j += q * z;
    }
    // One by one: a list would be made anew for each call.
    sums[k] = a;
    sums[k + 1] = b;
    sums[k + 2] = c;
    sums[k + 3] = d;
    sums[k + 4] = e;
    sums[wide + k] = f;
    sums[wide + k + 1] = g;
    sums[wide + k + 2] = h;
    sums[wide + k + 3] = i;
    sums[wide + k + 4] = j;
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
