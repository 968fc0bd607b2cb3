/** @file Reading `reset({ options: { state } })`, which starts an episode where the caller wants it. */

import { UsageError } from "../../src/errors.js";

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
