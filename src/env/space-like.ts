/** @file Converts spaces in the notation of other toolkits, such as Gymnasium. */

import { UsageError } from "../errors.js";
import { box, discrete, flatNumbers, type Space, spaceProblem } from "../spaces/index.js";

type Bound = number | null | ArrayLike<number> | ArrayLike<Bound>;
type BoxLike = { shape: ArrayLike<number>; low?: Bound; high?: Bound };

/**
 * A {@link Space}, or `{ n }`, `{ nvec }`, `{ shape, low, high }` or `{ spaces }` as in Gymnasium, with its kind or without.
 * The bounds of a box may be one number for all entries or nested as the shape, and are infinite by default.
 */
export type SpaceLike =
  | Space
  | ({ kind: "box" } & BoxLike)
  | { n: number }
  | { kind?: "multi-discrete"; nvec: ArrayLike<number> }
  | BoxLike
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
  const space = convert(value, `${id}: ${what}`);
  const problem = space ? spaceProblem(space) : "its kind of space is unknown";
  if (!space || problem) throw new UsageError(`${id}: ${what} is invalid: ${problem}`);
  return space;
}

function convert(value: SpaceLike, where: string): Space | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  requireStartAtZero(value, where);
  const { kind } = value as { kind?: string };
  const hasParts = "spaces" in value && typeof value.spaces === "object" && value.spaces !== null;
  if (hasParts && (kind === undefined || kind === "dict" || kind === "tuple")) {
    return partsFrom(value.spaces, where);
  }
  const isSizes = kind === undefined || (kind === "multi-discrete" && !("sizes" in value));
  if (isSizes && "nvec" in value) return sizesFrom(value.nvec);
  if (kind === undefined && "n" in value) return discrete(value.n);
  if (kind === "box" || (kind === undefined && "shape" in value)) return boxFrom(value as BoxLike);
  // `spaceProblem` says what is missing.
  return kind === undefined ? undefined : (value as Space);
}

/** A number in place of the sizes is left to `spaceProblem` to refuse. */
const sizesFrom = (nvec: ArrayLike<number>): Space => ({
  kind: "multi-discrete",
  sizes: typeof nvec === "object" && nvec !== null ? Array.from(nvec) : nvec,
});

function partsFrom(spaces: Record<string, SpaceLike> | SpaceLike[], where: string): Space | undefined {
  if (Array.isArray(spaces)) {
    const parts = spaces.map((part) => convert(part, where));
    return parts.every((part) => part !== undefined) ? { kind: "tuple", spaces: parts } : undefined;
  }
  const parts = Object.entries(spaces).map(([key, part]) => [key, convert(part, where)] as const);
  if (parts.some(([, part]) => part === undefined)) return undefined;
  return { kind: "dict", spaces: Object.fromEntries(parts as [string, Space][]) };
}

/** @throws UsageError for a discrete space whose values do not start at 0 */
function requireStartAtZero(value: object, where: string): void {
  const { start = 0 } = value as { start?: number | ArrayLike<number> };
  const starts = typeof start === "number" ? [start] : Array.from(start);
  if (starts.every((first) => first === 0)) return;
  throw new UsageError(
    `${where}: discrete values start at 0, not at the start ${starts}: declare the space without "start", and add ` +
      "it to actions, or subtract it from observations, in the environment",
  );
}

function boxFrom({ shape: given, low, high }: BoxLike): Space {
  // A shape of another type is refused with a message by `spaceProblem`.
  if (!Array.isArray(given) && !ArrayBuffer.isView(given)) {
    return { kind: "box", shape: given as number[], low: [], high: [] };
  }
  const shape = Array.from(given);
  const bound = (value: Bound | undefined, fallback: number) =>
    typeof value === "object" && value !== null
      ? Array.from(flatNumbers(value, shape) as ArrayLike<number>)
      : (value ?? fallback);
  return box(shape, bound(low, -Infinity), bound(high, Infinity));
}
