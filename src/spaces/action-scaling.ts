/** @file The affine map between normalised actions, on which networks work, and the actions of a box. */

import type { Box, Space } from "./space.js";

/** action = centre + halfWidth · u for a normalised action u, entry by entry; plain data. */
export interface ActionScaling {
  /** `[d]`, in the units of the action. */
  centre: number[];
  /** `[d]`, above 0, in the units of the action. */
  halfWidth: number[];
}

/** Bounds of this magnitude and more count as none: they stand for "unbounded", such as the largest float32. */
const LARGEST_BOUND = 1e9;

/** Whether an entry of a box has a lower or an upper bound. */
export const isBound = (bound: number): boolean => Math.abs(bound) < LARGEST_BOUND;

/**
 * The scaling of a box's actions: bounds become −1 and 1. An entry with one bound is shifted so that the bound becomes
 * −1 (lower) or 1 (upper), an entry with one value so that it becomes 0, and an entry without bounds stays as it is.
 *
 * `undefined` if nothing changes: for boxes of ±1 or without bounds, and for spaces other than boxes.
 */
export function actionScaling(space: Space): ActionScaling | undefined {
  if (space.kind !== "box") return undefined;
  const entries = space.low.map((low, i) => scalingOf(low, space.high[i]));
  if (entries.every(([centre, halfWidth]) => centre === 0 && halfWidth === 1)) return undefined;
  return { centre: entries.map(([centre]) => centre), halfWidth: entries.map(([, halfWidth]) => halfWidth) };
}

/** Centre and half-width of one entry. */
function scalingOf(low: number, high: number): [centre: number, halfWidth: number] {
  if (isBound(low) && isBound(high)) return [(low + high) / 2, (high - low) / 2 || 1];
  if (isBound(low)) return [low + 1, 1];
  if (isBound(high)) return [high - 1, 1];
  return [0, 1];
}

/**
 * Σ log halfWidth: what to add to the log-density of an action (nats) to obtain that of the normalised action, which
 * does not depend on the action's units. 0 for spaces other than boxes.
 */
export const logScale = (scaling: ActionScaling | undefined): number =>
  scaling?.halfWidth.reduce((sum, halfWidth) => sum + Math.log(halfWidth), 0) ?? 0;

/** The index of the first entry of a box that does not have two different bounds, or −1. */
export const unboundedEntry = ({ low, high }: Box): number =>
  low.findIndex((bound, i) => !(isBound(bound) && isBound(high[i]) && bound < high[i]));
