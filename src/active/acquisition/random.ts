/** @file Items at random: what every other acquisition must beat. */

import { chances } from "../chance.js";
import type { Acquisition } from "../contract.js";
import { topB } from "../top-b.js";

/** Each set of candidates is as probable as any other. */
export const random = (): Acquisition => ({
  name: "random",
  needs: [],
  async select({ candidates }, size, rng) {
    const keys = chances(candidates, rng);
    return topB(keys, size, keys).map((i) => candidates[i]);
  },
});
