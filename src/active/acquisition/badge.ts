/**
 * @file BADGE [Ash et al. 2020, algorithm 1]: k-means++ on the gradients that the last layer would have if the predicted
 * class were right, g = (p − e_ŷ) ⊗ z. They are long where the model is unsure, and apart where items differ.
 *
 * The gradients are not formed: ⟨a ⊗ z, b ⊗ z′⟩ = ⟨a, b⟩ ⟨z, z′⟩.
 */

import { argmaxRow } from "../../mdp/tables.js";
import type { Rng } from "../../random/rng.js";
import { chanceByItem, chances } from "../chance.js";
import type { Acquisition, Embeddings } from "../contract.js";

/**
 * The places of a batch: the longest gradient first, as in the authors' code, then each with a probability in proportion
 * to the square of its distance from the chosen ones. Where all distances are 0, places are drawn among the rest, so that
 * none is chosen twice.
 */
export function badgePlaces(
  probabilities: ArrayLike<number>,
  classes: number,
  embeddings: Embeddings,
  size: number,
  { items, rng }: { items: Int32Array; rng: Rng },
): Int32Array {
  const { width, data } = embeddings;
  const count = items.length;
  const residuals = residualsOf(probabilities, classes);
  const norms = Float64Array.from(
    { length: count },
    (_, i) => dot(residuals, i, residuals, i, classes) * dot(data, i, data, i, width),
  );
  const keys = chances(items, rng);
  const nearest = norms.slice();
  const isChosen = new Uint8Array(count);
  const places = new Int32Array(Math.min(size, count));
  for (let b = 0; b < places.length; b++) {
    const chance = chanceByItem(rng);
    let [best, bestTime] = [-1, Number.POSITIVE_INFINITY];
    let fallback = -1;
    for (let i = 0; i < count; i++) {
      if (isChosen[i]) continue;
      if (fallback < 0 || keys[i] > keys[fallback]) fallback = i;
      if (!(nearest[i] > 0)) continue;
      // The first of exponential times with these rates is drawn in proportion to the rates.
      const time = b === 0 ? -nearest[i] : -Math.log(chance(items[i])) / nearest[i];
      if (time < bestTime || (time === bestTime && keys[i] > keys[best])) [best, bestTime] = [i, time];
    }
    const pick = best < 0 ? fallback : best;
    places[b] = pick;
    isChosen[pick] = 1;
    for (let i = 0; i < count; i++) {
      const inner = dot(residuals, i, residuals, pick, classes) * dot(data, i, data, pick, width);
      const square = Math.max(0, norms[i] + norms[pick] - 2 * inner);
      // What rounding leaves of the distance of equal gradients counts as none.
      const distance = square <= 1e-12 * (norms[i] + norms[pick]) ? 0 : square;
      if (b === 0 || distance < nearest[i]) nearest[i] = distance;
    }
  }
  return places;
}

/** p − e_ŷ, `[n, K]`. */
function residualsOf(p: ArrayLike<number>, classes: number): Float64Array {
  const out = Float64Array.from(p);
  for (let from = 0; from < out.length; from += classes) {
    out[from + argmaxRow(out, from, classes)] -= 1;
  }
  return out;
}

function dot(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number, width: number): number {
  let sum = 0;
  for (let k = 0; k < width; k++) sum += a[i * width + k] * b[j * width + k];
  return sum;
}

export const badge = (): Acquisition => ({
  name: "badge",
  needs: ["embeddings"],
  async select(pool, size, rng) {
    const { candidates: items, classes } = pool;
    const places = badgePlaces(await pool.probabilities(), classes, await pool.embeddings(), size, {
      items,
      rng,
    });
    return places.map((i) => items[i]);
  },
});
