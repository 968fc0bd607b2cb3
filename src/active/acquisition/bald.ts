/** @file Bayesian active learning by disagreement [Houlsby et al. 2011; Gal et al. 2017]: information about the parameters. */

import type { Acquisition, Samples } from "../contract.js";
import { entropyScores } from "./entropy.js";
import { scored } from "./scored.js";

/** The mean over samples `[count, …]`. */
export function meanPrediction({ count, data }: Samples): Float64Array {
  const size = data.length / count;
  const mean = new Float64Array(size);
  for (let s = 0; s < count; s++) for (let n = 0; n < size; n++) mean[n] += data[s * size + n];
  for (let n = 0; n < size; n++) mean[n] /= count;
  return mean;
}

/** H[P^s] of each item, `[count, n]`: its mean over samples is what stays uncertain if the parameters are known. */
export const entropiesOfSamples = ({ count, data }: Samples, classes: number): Samples => ({
  count,
  data: entropyScores(data, classes),
});

/** I(y; θ) = H[P] − mean_s H[P^s] = mean_s KL(P^s ‖ P) of each item, in nats; not negative. */
export function baldScores(samples: Samples, classes: number): Float64Array {
  const conditional = meanPrediction(entropiesOfSamples(samples, classes));
  return entropyScores(meanPrediction(samples), classes).map((entropy, i) =>
    Math.max(0, entropy - conditional[i]),
  );
}

export const bald = (): Acquisition =>
  scored("bald", ["samples"], async (pool) => baldScores(await pool.samples(), pool.classes));
