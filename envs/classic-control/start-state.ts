/** @file Reading `reset({ options })` of the classic control problems: where an episode starts. */

import { UsageError } from "../../src/errors.js";
import type { Rng } from "../../src/random/rng.js";

/** What their `reset({ options })` accepts: a state, or bounds that replace those of the random start. */
export const START_OPTIONS = ["state", "low", "high"];

/**
 * The numbers of `state`, or `undefined` where the caller gives none.
 *
 * @throws {UsageError} unless `state` is an array of one finite number for each of `names`.
 */
export function startState(
  id: string,
  state: unknown,
  names: readonly string[],
): ArrayLike<number> | undefined {
  if (state === undefined) return undefined;
  const values = Array.isArray(state) || ArrayBuffer.isView(state) ? [...(state as Float64Array)] : [];
  if (values.length === names.length && values.every(Number.isFinite)) return values;
  const given = values.length > 0 ? `[${values}]` : String(state);
  throw new UsageError(
    `${id}: reset option "state" must be ${names.length} finite numbers [${names.join(", ")}], not ${given}`,
  );
}

/**
 * A number among the reset options, or `fallback` where the caller gives none.
 *
 * @throws {UsageError} unless it is finite.
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

/** Where the numbers of a random start lie. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/**
 * The bounds `low` and `high` of the random start, as Gymnasium's reset takes them: either alone replaces its default.
 *
 * @throws {UsageError} unless both are finite and in order.
 */
export function startBounds(id: string, options: Record<string, unknown>, defaults: Bounds): Bounds {
  if (options.low === undefined && options.high === undefined) return defaults;
  const low = startNumber(id, options, "low", defaults.low);
  const high = startNumber(id, options, "high", defaults.high);
  if (low <= high) return { low, high };
  throw new UsageError(`${id}: reset option "low" is ${low}, above "high", which is ${high}`);
}

/** A number uniform between the bounds. */
export const uniformBetween = ({ low, high }: Bounds, rng: Rng): number =>
  (low + high) / 2 + ((high - low) / 2) * (2 * rng.uniform() - 1);
