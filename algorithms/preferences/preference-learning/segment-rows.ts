/** @file The steps of segments as rows, which rewards are computed of. */

import type { Spaces } from "../../../src/datasets/demonstrations.js";
import type { Segment } from "../../../src/people/segment.js";
import { spaceWidth } from "../../../src/spaces/index.js";

/** Rows of the steps of segments, of `length` steps each: those after a terminal state are absorbing, and 0 otherwise. */
export interface SegmentRows {
  observations: Float32Array;
  actions: Float32Array | Int32Array;
  absorbing: Float32Array;
}

/** Writes the steps of a segment to rows from `row` on. */
export function writeSegment(
  { observations, actions }: Segment,
  { observationSpace, actionSpace }: Spaces,
  length: number,
  rows: SegmentRows,
  row: number,
): void {
  const [width, actionWidth] = [spaceWidth(observationSpace), spaceWidth(actionSpace)];
  const steps = actions.length / actionWidth;
  rows.observations.set(observations.subarray(0, steps * width), row * width);
  rows.observations.fill(0, (row + steps) * width, (row + length) * width);
  rows.actions.set(actions, row * actionWidth);
  rows.actions.fill(0, (row + steps) * actionWidth, (row + length) * actionWidth);
  rows.absorbing.fill(0, row, row + steps);
  rows.absorbing.fill(1, row + steps, row + length);
}
