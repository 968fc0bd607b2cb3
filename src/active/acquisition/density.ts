/** @file Information density [Settles & Craven 2008, eq. 13]: a score, weighted by how typical the item is. */

import { UsageError } from "../../errors.js";
import type { Acquisition, Embeddings } from "../contract.js";
import { scored } from "./scored.js";

/** The mean similarity (1 + cos) / 2 of each point `[n, width]` to all points, on [0, 1]. */
export function meanSimilarities({ width, data }: Embeddings): Float64Array {
  const count = data.length / width;
  const lengths = Float64Array.from({ length: count }, (_, i) => {
    let square = 0;
    for (let j = 0; j < width; j++) square += data[i * width + j] ** 2;
    return Math.sqrt(square);
  });
  const sum = new Float64Array(width);
  const along = (i: number, j: number) => (lengths[i] > 0 ? data[i * width + j] / lengths[i] : 0);
  for (let i = 0; i < count; i++) for (let j = 0; j < width; j++) sum[j] += along(i, j) / count;
  return lengths.map((_, i) => {
    let cosine = 0;
    for (let j = 0; j < width; j++) cosine += along(i, j) * sum[j];
    return (1 + Math.min(1, Math.max(-1, cosine))) / 2;
  });
}

/**
 * Scores of another acquisition times the mean similarity to the power α.
 *
 * @throws UsageError for an acquisition without scores
 */
export function density(base: Acquisition, alpha = 1): Acquisition {
  const { scores } = base;
  if (!scores)
    throw new UsageError(`density: ${base.name} chooses whole batches and has no scores to weight`);
  return scored(
    `density(${base.name})`,
    [...new Set([...base.needs, "embeddings" as const])],
    async (pool) => {
      const [own, similar] = [await scores(pool), meanSimilarities(await pool.embeddings())];
      return own.map((score, i) => score * similar[i] ** alpha);
    },
  );
}
