/** @file Bayesian active learning by disagreement [Houlsby et al. 2011; Gal et al. 2017]: information about the parameters. */

import type { Acquisition, Samples } from "../contract.js";
import { entropyAt } from "./entropy.js";
import { scored } from "./scored.js";

/** The mean over samples `[count, n, K]`, `[n, K]`. */
export function meanPrediction({ count, data }: Samples): Float64Array {
  const size = data.length / count;
  const mean = new Float64Array(size);
  for (let s = 0; s < count; s++) for (let n = 0; n < size; n++) mean[n] += data[s * size + n] / count;
  return mean;
}

/** mean_s H[P^s] of each item: what stays uncertain if the parameters are known. */
export function conditionalEntropies({ count, data }: Samples, classes: number): Float64Array {
  const items = data.length / count / classes;
  const out = new Float64Array(items);
  for (let s = 0; s < count; s++) {
    for (let i = 0; i < items; i++) out[i] += entropyAt(data, (s * items + i) * classes, classes) / count;
  }
  return out;
}

/** I(y; θ) = H[P] − mean_s H[P^s] = mean_s KL(P^s ‖ P) of each item, in nats; not negative. */
export function baldScores(samples: Samples, classes: number): Float64Array {
  const mean = meanPrediction(samples);
  return conditionalEntropies(samples, classes).map((conditional, i) =>
    Math.max(0, entropyAt(mean, i * classes, classes) - conditional),
  );
}

export const bald = (): Acquisition =>
  scored("bald", ["samples"], async (pool) => baldScores(await pool.samples(), pool.classes));
