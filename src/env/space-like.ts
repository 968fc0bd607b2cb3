/** @file Converts spaces in the notation of other toolkits, such as Gymnasium. */

import { UsageError } from "../errors.js";
import { box, discrete, type Space, spaceProblem } from "../spaces/index.js";

type Bound = number | null | ArrayLike<number>;

/** A {@link Space}, or `{ n }`, `{ nvec }`, `{ shape, low, high }` or `{ spaces }` as in Gymnasium. */
export type SpaceLike =
  | Space
  | { n: number }
  | { nvec: ArrayLike<number> }
  | { shape: ArrayLike<number>; low?: Bound; high?: Bound }
  | { spaces: Record<string, SpaceLike> | SpaceLike[] };

/**
 * Converts a space. `what` is "observationSpace" or "actionSpace", for messages.
 *
 * @throws UsageError when the space is missing or invalid; the message shows a valid space.
 */
export function spaceFrom(value: SpaceLike | undefined, id: string, what: string): Space {
  if (value === undefined || value === null) {
    throw new UsageError(
      `${id} has no ${what}; give one: adaptEnvironment(env, { ${what}: { kind: "box", shape: [4], low: [...], ` +
        `high: [...] } }), or { kind: "discrete", n: 2 }`,
    );
  }
  const space = convert(value);
  const problem = space ? spaceProblem(space) : "its kind of space is unknown";
  if (!space || problem) throw new UsageError(`${id}: ${what} is invalid: ${problem}`);
  return space;
}

function convert(value: SpaceLike): Space | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if ("kind" in value) return value;
  if ("nvec" in value) return { kind: "multi-discrete", sizes: Array.from(value.nvec) };
  if ("n" in value) return discrete(value.n);
  if ("shape" in value) {
    const shape = Array.from(value.shape);
    const bound = (given: Bound | undefined, fallback: number) =>
      typeof given === "object" && given !== null ? Array.from(given) : (given ?? fallback);
    return box(shape, bound(value.low, -Infinity), bound(value.high, Infinity));
  }
  if (!("spaces" in value)) return undefined;
  if (Array.isArray(value.spaces)) {
    const parts = value.spaces.map(convert);
    return parts.every((part) => part !== undefined) ? { kind: "tuple", spaces: parts } : undefined;
  }
  const parts = Object.entries(value.spaces).map(([key, part]) => [key, convert(part)] as const);
  if (parts.some(([, part]) => part === undefined)) return undefined;
  return { kind: "dict", spaces: Object.fromEntries(parts as [string, Space][]) };
}
