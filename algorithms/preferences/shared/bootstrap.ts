/** @file Bootstrap samples of comparisons, a sample for each member of an ensemble. */

import type { Rng } from "../../../src/random/rng.js";

/** A Poisson number of mean 1: how often a bootstrap sample of many holds one of them. */
function poisson(rng: Rng): number {
  let count = -1;
  for (let product = 1; product > Math.exp(-1); count++) product *= rng.uniform();
  return count;
}

/** How often the sample of each member holds a comparison, which depends on its number alone; once without an ensemble. */
export function bootstrapCounts(rng: Rng, id: number, members: number): number[] {
  const own = rng.stream("bootstrap", id);
  return Array.from({ length: members }, () => (members > 1 ? poisson(own) : 1));
}
