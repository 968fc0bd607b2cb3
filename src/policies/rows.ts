/** @file The number of rows in the flat arrays that policies take. */

import { UsageError } from "../errors.js";
import { describeSpace, type Space, spaceWidth } from "../spaces/index.js";

/**
 * The number of rows N in flat observations `[N, w]`.
 *
 * @throws UsageError when the array is not a whole number of rows
 */
export function rowsOf(space: Space, observations: Float32Array): number {
  const width = spaceWidth(space);
  const rows = observations.length / width;
  if (Number.isInteger(rows)) return rows;
  throw new UsageError(
    `observations in ${describeSpace(space)} have ${width} numbers each, but the array has ${observations.length}: ` +
      `pass rows of ${width} numbers, one after the other`,
  );
}
