/** @file Rows of the flat arrays that policies take and return. */

import { UsageError } from "../errors.js";
import { describeSpace, type Space, spaceWidth } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";

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

/** Copies the rows i of `from` to `into` for which `chosen(i)`. */
export function copyRowsWhere(
  chosen: (i: number) => boolean,
  rows: number,
  from: ActionBatch,
  into: ActionBatch,
): void {
  const width = from.length / rows;
  for (let i = 0; i < rows; i++) {
    if (chosen(i)) into.set(from.subarray(i * width, (i + 1) * width), i * width);
  }
}
