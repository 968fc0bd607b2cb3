/**
 * @file Chance by item: uniform numbers that depend on a seed and on the number of the item, and not on its place in a
 * list. A choice that uses them does not change if the candidates come in another order.
 */

import type { Rng } from "../random/rng.js";

/** A function from the number of an item to a uniform number on (0, 1), with 32 random bits. */
export function chanceByItem(rng: Rng): (item: number) => number {
  const seed = Math.floor(rng.uniform() * 2 ** 32);
  return (item) => (mixed(mixed(item ^ seed) + seed) + 0.5) * 2 ** -32;
}

/** The finaliser of MurmurHash3 [Appleby 2011]: each bit of the input changes half of the output's. */
function mixed(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The chance of each candidate. */
export const chances = (candidates: Int32Array, rng: Rng): Float64Array =>
  Float64Array.from(candidates, chanceByItem(rng));
