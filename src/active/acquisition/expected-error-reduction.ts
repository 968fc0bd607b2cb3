/**
 * @file Expected error reduction [Roy & McCallum 2001; N eq. 46]: the item after whose label the model is expected to be
 * surest about other items. The label is not known, so each is tried, with its probability.
 */

import { chances } from "../chance.js";
import type { Acquisition, PoolView } from "../contract.js";
import { topB } from "../top-b.js";

export interface ErrorReductionOptions {
  /** The model whose expectation of the log loss is taken: the updated one [Roy & McCallum 2001], or the current [N eq. 46]. */
  expectation?: "updated" | "current";
  /** Number of candidates that are tried, drawn at random. */
  candidates?: number;
  /** Number of items on which the loss is measured, drawn at random. The candidate is none of them. */
  reference?: number;
}

/**
 * −(1/M) Σ_m Σ_y′ p(y′ | x) Σ_y q(y | x_m) log p⁺(y | x_m) for each place, where q is p⁺ or p.
 *
 * @param tried places of candidates
 * @param reference places of the items m
 */
export async function expectedLosses(
  pool: PoolView,
  tried: ArrayLike<number>,
  reference: ArrayLike<number>,
  expectation: "updated" | "current",
): Promise<Float64Array> {
  const { candidates, classes } = pool;
  const p = await pool.probabilities();
  const losses = new Float64Array(tried.length);
  for (let n = 0; n < tried.length; n++) {
    const others = Int32Array.from(Array.from(reference).filter((m) => m !== tried[n]));
    const rows = others.map((m) => candidates[m]);
    for (let label = 0; label < classes; label++) {
      const weight = p[tried[n] * classes + label];
      if (weight === 0 || rows.length === 0) continue;
      const after = await pool.updated(candidates[tried[n]], label, rows);
      let sum = 0;
      for (let m = 0; m < rows.length; m++) {
        for (let k = 0; k < classes; k++) {
          const q = expectation === "updated" ? after[m * classes + k] : p[others[m] * classes + k];
          if (q > 0) sum -= q * Math.log(Math.max(Number.MIN_VALUE, after[m * classes + k]));
        }
      }
      losses[n] += (weight * sum) / rows.length;
    }
  }
  return losses;
}

export const expectedErrorReduction = ({
  expectation = "updated",
  candidates: most = 50,
  reference = 200,
}: ErrorReductionOptions = {}): Acquisition => ({
  name: "expectedErrorReduction",
  needs: ["updated"],
  async select(pool, size, rng) {
    const { candidates } = pool;
    const [keys, others] = [chances(candidates, rng), chances(candidates, rng)];
    const tried = topB(keys, Math.max(size, most), keys);
    const losses = await expectedLosses(pool, tried, topB(others, reference, others), expectation);
    const best = topB(
      losses.map((loss) => -loss),
      size,
      Float64Array.from(tried, (i) => keys[i]),
    );
    return best.map((n) => candidates[tried[n]]);
  },
});
