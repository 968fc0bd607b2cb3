/**
 * @file A sparse subset that approximates the whole pool [Pinsler et al. 2019; N §2.4]: Frank–Wolfe on ‖L − Σ_n w_n L_n‖²,
 * where L_n is the update of the log posterior that item n is expected to give, projected on parameters drawn from the
 * posterior: L_n(θ_j) = Σ_y P(y | x_n) log p(y | x_n, θ_j) + H[P(y | x_n)].
 */

import { chances } from "../chance.js";
import type { Acquisition, Samples } from "../contract.js";
import { topB } from "../top-b.js";
import { meanPrediction } from "./bald.js";
import { entropyAt } from "./entropy.js";

/** The smallest probability whose logarithm is taken: a sample may exclude a class. */
const LEAST = 1e-10;

/** What is left of the sum, as a share of all lengths, below which it is rounding and leads nowhere. */
const ROUNDING = 1e-12;

/** L_n / √J, `[n, J]`, of samples `[J, n, K]`. */
export function expectedUpdates(samples: Samples, classes: number): Float64Array {
  const { count, data } = samples;
  const items = data.length / count / classes;
  const mean = meanPrediction(samples);
  const out = new Float64Array(items * count);
  for (let i = 0; i < items; i++) {
    const entropy = entropyAt(mean, i * classes, classes);
    for (let s = 0; s < count; s++) {
      let expected = 0;
      for (let k = 0; k < classes; k++) {
        expected += mean[i * classes + k] * Math.log(Math.max(LEAST, data[(s * items + i) * classes + k]));
      }
      out[i * count + s] = (expected + entropy) / Math.sqrt(count);
    }
  }
  return out;
}

/**
 * The weights after `steps` steps of Frank–Wolfe on vectors `[n, width]` [Pinsler et al. 2019, algorithm 1]. At most
 * `steps` are not zero: a vector that is chosen again changes its weight.
 *
 * @param keys by which ties are broken
 */
export function frankWolfe(
  vectors: ArrayLike<number>,
  width: number,
  steps: number,
  keys: ArrayLike<number>,
): { weights: Float64Array; rest: Float64Array } {
  const count = vectors.length / width;
  const weights = new Float64Array(count);
  const inner = (i: number, v: ArrayLike<number>) => {
    let sum = 0;
    for (let j = 0; j < width; j++) sum += vectors[i * width + j] * v[j];
    return sum;
  };
  const whole = new Float64Array(width);
  for (let i = 0; i < count; i++) for (let j = 0; j < width; j++) whole[j] += vectors[i * width + j];
  const lengths = Float64Array.from({ length: count }, (_, i) =>
    Math.sqrt(inner(i, Array.prototype.slice.call(vectors, i * width, (i + 1) * width))),
  );
  const total = lengths.reduce((a, b) => a + b, 0);
  const rest = whole.slice();
  for (let step = 0; step < steps && Math.hypot(...rest) > ROUNDING * total; step++) {
    let [best, most] = [-1, Number.NEGATIVE_INFINITY];
    for (let i = 0; i < count; i++) {
      if (lengths[i] === 0) continue;
      const value = inner(i, rest) / lengths[i];
      if (value > most || (value === most && keys[i] > keys[best])) [best, most] = [i, value];
    }
    const scale = total / lengths[best];
    // From L(w) = L − rest to the vertex (σ / σ_f) L_f.
    let [along, square] = [0, 0];
    const direction = Float64Array.from({ length: width }, (_, j) => {
      const d = scale * vectors[best * width + j] - (whole[j] - rest[j]);
      along += d * rest[j];
      square += d * d;
      return d;
    });
    if (!(square > 0)) break;
    const gamma = Math.min(1, Math.max(0, along / square));
    if (gamma === 0) break;
    for (let i = 0; i < count; i++) weights[i] *= 1 - gamma;
    weights[best] += gamma * scale;
    for (let j = 0; j < width; j++) rest[j] -= gamma * direction[j];
  }
  return { weights, rest };
}

/** Items with weights, the heaviest first; if they are fewer than the batch, those whose update is the longest are added. */
export const sparseSubset = (): Acquisition => ({
  name: "sparseSubset",
  needs: ["samples"],
  async select(pool, size, rng) {
    const keys = chances(pool.candidates, rng);
    const samples = await pool.samples();
    const vectors = expectedUpdates(samples, pool.classes);
    const width = samples.count;
    const { weights } = frankWolfe(vectors, width, size, keys);
    const longest = Float64Array.from(weights, (_, i) =>
      vectors.subarray(i * width, (i + 1) * width).reduce((sum, x) => sum + x * x, 0),
    );
    const most = longest.reduce((a, b) => Math.max(a, b), 0) + 1;
    const scores = weights.map((w, i) => (w > 0 ? most + w : longest[i]));
    return topB(scores, size, keys).map((i) => pool.candidates[i]);
  },
});
