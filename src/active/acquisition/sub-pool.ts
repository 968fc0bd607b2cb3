/** @file A random part of the pool, in which another acquisition chooses: cheaper, and batches are less alike. */

import type { Acquisition } from "../contract.js";
import { random } from "./random.js";

/** @param size the number of candidates that are drawn; at least the batch is */
export const subPool = (base: Acquisition, size: number): Acquisition => ({
  name: `${base.name}@${size}`,
  needs: base.needs,
  async select(pool, batch, rng) {
    const drawn = await random().select(pool, Math.max(size, batch), rng.stream("sub-pool"));
    // In the order of the pool, so that the order of the draw says nothing.
    return base.select(pool.restrictedTo(drawn.sort()), batch, rng);
  },
});
