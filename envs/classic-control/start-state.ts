/** @file Reads `reset({ options })` of the classic control problems: the start state or its distribution. */

import { UsageError } from "../../src/errors.js";
import type { Rng } from "../../src/random/rng.js";

/** Names that `reset({ options })` accepts: a start state, or bounds that replace those of the random start. */
export const START_OPTIONS = ["state", "low", "high"];

/**
 * The numbers of the reset option `state`, or `undefined` if it is not set.
 *
 * @throws {UsageError} unless `state` is an array with one finite number for each name in `names`.
 */
export function startState(
  id: string,
  state: unknown,
  names: readonly string[],
): ArrayLike<number> | undefined {
  if (state === undefined) return undefined;
  const values = Array.isArray(state) || ArrayBuffer.isView(state) ? [...(state as Float64Array)] : [];
  if (values.length === names.length && values.every(Number.isFinite)) return values;
  const found = values.length > 0 ? `[${values}]` : String(state);
  throw new UsageError(
    `${id}: reset option "state" must be ${names.length} finite numbers [${names.join(", ")}], not ${found}`,
  );
}

/**
 * The reset option `name`, or `fallback` if it is not set.
 *
 * @throws {UsageError} unless the option is a finite number.
 */
export function startNumber(
  id: string,
  options: Record<string, unknown>,
  name: string,
  fallback: number,
): number {
  const value = options[name];
  if (value === undefined) return fallback;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new UsageError(`${id}: reset option "${name}" must be a finite number, not ${value}`);
}

/** Bounds of a uniform distribution. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/**
 * The bounds `low` and `high` of the random start. As in Gymnasium, each may be set alone; the other keeps its default.
 *
 * @throws {UsageError} unless both are finite and `low` is at most `high`.
 */
export function startBounds(id: string, options: Record<string, unknown>, defaults: Bounds): Bounds {
  if (options.low === undefined && options.high === undefined) return defaults;
  const low = startNumber(id, options, "low", defaults.low);
  const high = startNumber(id, options, "high", defaults.high);
  if (low <= high) return { low, high };
  throw new UsageError(`${id}: reset option "low" is ${low}, above "high", which is ${high}`);
}

/** Draws a number uniformly between the bounds. */
export const uniformBetween = ({ low, high }: Bounds, rng: Rng): number =>
  (low + high) / 2 + ((high - low) / 2) * (2 * rng.uniform() - 1);
