/** @file What a round of CrowdInG draws: answers, and those that the judge is shown. */

import type { Rng } from "../../../src/random/rng.js";

/** An answer of each row of probabilities `[pairs, classes]`, its probability, and the entropy of the row. */
export function drawAnswers(probabilities: Float32Array, classes: number, rng: Rng) {
  const pairs = probabilities.length / classes;
  const [answer, chance, entropy] = [new Int32Array(pairs), new Float32Array(pairs), new Float32Array(pairs)];
  for (let i = 0; i < pairs; i++) {
    const row = probabilities.subarray(i * classes, (i + 1) * classes);
    answer[i] = rng.categorical(row);
    chance[i] = row[answer[i]];
    entropy[i] = entropyOf(row);
  }
  return { answer, chance, entropy };
}

export function entropyOf(row: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < row.length; k++) if (row[k] > 0) sum -= row[k] * Math.log(row[k]);
  return sum;
}

/**
 * Pairs for the judge: of each annotator as many, with replacement, as they gave authentic answers, with probabilities in
 * proportion to 1 / entropy: the judge learns most from answers that the generator is sure of.
 *
 * @param authentic number of answers of each annotator
 */
export function selectPairs(
  annotator: Int32Array,
  entropy: Float32Array,
  authentic: Int32Array,
  by: "certainty" | "chance",
  rng: Rng,
): Int32Array {
  const own: number[][] = Array.from(authentic, () => []);
  for (let i = 0; i < annotator.length; i++) own[annotator[i]].push(i);
  const chosen: number[] = [];
  for (const [l, pairs] of own.entries()) {
    if (pairs.length === 0) continue;
    // Entropies of 0 would take all.
    const upTo: number[] = [];
    let total = 0;
    for (const i of pairs) {
      total += by === "certainty" ? 1 / Math.max(entropy[i], 0.01) : 1;
      upTo.push(total);
    }
    for (let n = 0; n < authentic[l]; n++) {
      const u = rng.uniform() * total;
      let [low, high] = [0, upTo.length - 1];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (upTo[middle] <= u) low = middle + 1;
        else high = middle;
      }
      chosen.push(pairs[low]);
    }
  }
  return Int32Array.from(chosen);
}

/** The value below which a share of the values is; interpolated. */
export function quantile(values: Float32Array, share: number): number {
  const sorted = values.toSorted();
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  return sorted[low] + (at - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
}
