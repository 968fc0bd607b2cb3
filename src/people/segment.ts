/** @file A segment: a part of an episode that a person compares or criticises. */

import type { Names } from "../env/contracts.js";
import { type Space, spaceWidth } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";
import type { Tree } from "../state/snapshot.js";

/** A part of an episode, of T steps. A trajectory is a segment. */
export interface Segment {
  /** Observations `[T + 1, w]`. */
  readonly observations: Float32Array;
  /** Actions `[T, k]`. */
  readonly actions: ActionBatch;
  /** The environment's snapshot at the first step, for labellers that replay the segment. */
  readonly snapshot?: Tree;
  /** The environment's rewards `[T]`, for synthetic annotators and evaluation. People do not see them. */
  readonly rewards?: Float64Array;
}

/** The context of questions about segments. */
export interface SegmentContext {
  /** The id of the environment. */
  readonly env: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
}

/** T, the number of steps. */
export const stepsOf = ({ actions }: Segment, { actionSpace }: SegmentContext): number =>
  actions.length / spaceWidth(actionSpace);

/** The context alone, as JSON. Infinite bounds become `null` in the text. */
export const segmentHeader = ({ env, observationSpace, actionSpace }: SegmentContext) => ({
  env,
  observationSpace,
  actionSpace,
});

/** A flat row as JSON: a number for a discrete space, else an array. */
export const rowToJson = (space: Space, row: ArrayLike<number>): number | number[] =>
  space.kind === "discrete" ? row[0] : Array.from(row);

function rowsToJson(space: Space, rows: Float32Array | ActionBatch): (number | number[])[] {
  const width = spaceWidth(space);
  const count = rows.length / width;
  return Array.from({ length: count }, (_, t) => rowToJson(space, rows.subarray(t * width, (t + 1) * width)));
}

/** A segment as JSON: `{ observations: [T + 1], actions: [T] }`, an entry a step. */
export const segmentToJson = (
  { observations, actions }: Segment,
  { observationSpace, actionSpace }: SegmentContext,
) => ({
  observations: rowsToJson(observationSpace, observations),
  actions: rowsToJson(actionSpace, actions),
});

/** A flat observation as text, with the names of its entries. */
export function describeRow(row: ArrayLike<number>, names: readonly string[] = []): string {
  const printed = Array.from(row, (x, i) => {
    const value = Number.isInteger(x) ? String(x) : x.toPrecision(4);
    return names[i] ? `${names[i]} ${value}` : value;
  });
  return printed.join(", ");
}

/** Number of steps of a segment that are displayed on a console. */
const SHOWN = 12;

/** A segment as text, one line for each step: all steps of a short segment, else equally spaced steps and the last. */
export function describeSegment(segment: Segment, context: SegmentContext, names: Names): string[] {
  const steps = stepsOf(segment, context);
  const width = spaceWidth(context.observationSpace);
  const actionWidth = spaceWidth(context.actionSpace);
  const printedSteps = Math.min(steps, SHOWN);
  const lines = Array.from({ length: printedSteps }, (_, k) => {
    const t = printedSteps > 1 ? Math.round((k * (steps - 1)) / (printedSteps - 1)) : 0;
    const observation = segment.observations.subarray(t * width, (t + 1) * width);
    const action = segment.actions.subarray(t * actionWidth, (t + 1) * actionWidth);
    const name = context.actionSpace.kind === "discrete" ? names.actions?.[action[0]] : undefined;
    return `  step ${t}: ${describeRow(observation, names.observations)} → ${name ?? describeRow(action)}`;
  });
  const last = segment.observations.subarray(steps * width, (steps + 1) * width);
  return [...lines, `  end: ${describeRow(last, names.observations)}`];
}
