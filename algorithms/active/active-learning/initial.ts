/** @file The items that are asked about first. */

import { chances, topB } from "../../../src/active/index.js";
import { UsageError } from "../../../src/errors.js";
import type { Rng } from "../../../src/random/rng.js";

/** Items drawn at random. */
export function drawn(pool: Int32Array, size: number, rng: Rng): Int32Array {
  const keys = chances(pool, rng);
  return topB(keys, size, keys).map((i) => pool[i]);
}

/**
 * Items drawn at random without replacement, as many of each class; what the number of classes leaves over is of classes
 * drawn at random.
 *
 * @param what the algorithm, for messages
 * @throws UsageError for a class with too few items, with their number
 */
export function drawnBalanced(
  pool: Int32Array,
  size: number,
  { labels, classes, what }: { labels: Int32Array; classes: readonly string[]; what: string },
  rng: Rng,
): Int32Array {
  const K = classes.length;
  const extra = new Set(rng.shuffle(Array.from({ length: K }, (_, k) => k)).slice(0, size % K));
  const all = classes.flatMap((name, k) => {
    const wanted = Math.floor(size / K) + Number(extra.has(k));
    const own = pool.filter((item) => labels[item] === k);
    if (own.length < wanted) {
      throw new UsageError(
        `${what}: a balanced start of ${size} items has ${wanted} of the class "${name}", and the pool has ` +
          `${own.length}: lower initial, or set initialBalanced to false`,
      );
    }
    return [...drawn(own, wanted, rng.stream("class", k))];
  });
  return rng.shuffle(Int32Array.from(all));
}
