/** @file The kinds of space, with their widths, names and validity checks. */

import { UsageError } from "../errors.js";

export interface Box {
  kind: "box";
  shape: number[];
  /** `[product(shape)]`; −Infinity where unbounded. */
  low: number[];
  /** `[product(shape)]`; Infinity where unbounded. */
  high: number[];
}

/** The integers 0, …, n − 1. */
export interface Discrete {
  kind: "discrete";
  n: number;
}

/** A vector whose entry i is one of 0, …, sizes[i] − 1. */
export interface MultiDiscrete {
  kind: "multi-discrete";
  sizes: number[];
}

/** A vector of n zeros and ones. */
export interface MultiBinary {
  kind: "multi-binary";
  n: number;
}

export interface DictSpace {
  kind: "dict";
  spaces: Record<string, Space>;
}

export interface TupleSpace {
  kind: "tuple";
  spaces: Space[];
}

export type Space = Box | Discrete | MultiDiscrete | MultiBinary | DictSpace | TupleSpace;

/** The n actions or states 0, …, n − 1. */
export const discrete = (n: number): Discrete => ({ kind: "discrete", n });

/** A box of the given shape; a single number bounds every entry. */
export function box(shape: number[], low: number | number[], high: number | number[]): Box {
  const size = product(shape);
  const spread = (bound: number | number[]) => (typeof bound === "number" ? Array(size).fill(bound) : bound);
  return { kind: "box", shape, low: spread(low), high: spread(high) };
}

const product = (shape: readonly number[]): number => shape.reduce((size, n) => size * n, 1);

/** The parts of a composite space in declared order, which is also their order in a flat row. */
export const partsOf = (space: DictSpace | TupleSpace): Space[] => Object.values(space.spaces);

/** The number of entries of a value in a flat row; a discrete part takes one, its index. */
export function spaceWidth(space: Space): number {
  switch (space.kind) {
    case "box":
      return product(space.shape);
    case "discrete":
      return 1;
    case "multi-discrete":
      return space.sizes.length;
    case "multi-binary":
      return space.n;
    default:
      return partsOf(space).reduce((width, part) => width + spaceWidth(part), 0);
  }
}

/** The largest encoded width: a layer of 64 units on it takes 1 GiB. */
const WIDEST = 2 ** 22;

/**
 * The number of entries of a value with one-hot discrete parts: the input width of a network.
 *
 * @throws UsageError for a width that no network holds in memory
 */
export function encodedWidth(space: Space): number {
  const width = oneHotWidth(space);
  if (width <= WIDEST) return width;
  throw new UsageError(
    `a network on ${describeSpace(space)} would have ${width} inputs or outputs; at most ${WIDEST} fit: ` +
      "declare a smaller space, or a box with features",
  );
}

function oneHotWidth(space: Space): number {
  switch (space.kind) {
    case "discrete":
      return space.n;
    case "multi-discrete":
      return space.sizes.reduce((sum, n) => sum + n, 0);
    case "dict":
    case "tuple":
      return partsOf(space).reduce((width, part) => width + oneHotWidth(part), 0);
    default:
      return spaceWidth(space);
  }
}

/** The reason why a space is invalid, or `undefined` for a valid space. */
export function spaceProblem(space: Space): string | undefined {
  // Discrete values are stored as int32.
  const isCount = (n: unknown) => Number.isInteger(n) && (n as number) > 0 && (n as number) < 2 ** 31;
  switch (space?.kind) {
    case "discrete":
    case "multi-binary":
      return isCount(space.n)
        ? undefined
        : `n must be a positive integer below 2³¹, not ${JSON.stringify(space.n)}`;
    case "multi-discrete":
      if (!Array.isArray(space.sizes) || space.sizes.length === 0) {
        return `sizes must be an array of positive integers, such as [3, 2], not ${JSON.stringify(space.sizes)}`;
      }
      return space.sizes.every(isCount)
        ? undefined
        : `sizes must be positive integers below 2³¹, not ${JSON.stringify(space.sizes)}`;
    case "box": {
      if (!Array.isArray(space.shape) || !space.shape.every(isCount)) {
        return `shape must be an array of positive integers, such as [4], not ${JSON.stringify(space.shape)}`;
      }
      const size = product(space.shape);
      if (space.low?.length !== size || space.high?.length !== size) {
        return `low and high must have ${size} numbers each for shape [${space.shape}], not ${space.low?.length} and ${space.high?.length}`;
      }
      const i = space.low.findIndex(
        (low, j) => !(low <= space.high[j] && low < Infinity && space.high[j] > -Infinity),
      );
      if (i < 0) return undefined;
      const [low, high] = [`low[${i}] = ${space.low[i]}`, `high[${i}] = ${space.high[i]}`];
      return space.low[i] > space.high[i] ? `${low} is above ${high}` : `${low} and ${high} are not bounds`;
    }
    case "dict":
    case "tuple": {
      if (typeof space.spaces !== "object" || space.spaces === null) {
        const example = space.kind === "dict" ? "{ name: { … }, … }" : "[{ … }, …]";
        return `spaces must hold the parts, such as ${example}, not ${JSON.stringify(space.spaces)}`;
      }
      for (const [key, part] of Object.entries(space.spaces)) {
        const problem = spaceProblem(part);
        if (problem) return `part ${key}: ${problem}`;
      }
      return undefined;
    }
    default:
      return `it must be { kind: "box" | "discrete" | "multi-discrete" | "multi-binary" | "dict" | "tuple", … }`;
  }
}

/** A short name for messages and tables, such as `Discrete(4)` or `Box(3)`. */
export function describeSpace(space: Space): string {
  switch (space.kind) {
    case "box":
      return `Box(${space.shape.join("×")})`;
    case "discrete":
      return `Discrete(${space.n})`;
    case "multi-discrete":
      return `MultiDiscrete(${space.sizes.join(", ")})`;
    case "multi-binary":
      return `MultiBinary(${space.n})`;
    case "dict": {
      const parts = Object.entries(space.spaces).map(([key, part]) => `${key}: ${describeSpace(part)}`);
      return `Dict(${parts.join(", ")})`;
    }
    case "tuple":
      return `Tuple(${space.spaces.map(describeSpace).join(", ")})`;
  }
}

/** What differs between two spaces, with both values, or `undefined` when they are equal. */
export function spaceDifference(one: Space, other: Space): string | undefined {
  const names = [describeSpace(one), describeSpace(other)];
  if (names[0] !== names[1]) return names.join(" and ");
  if (one.kind === "box" && other.kind === "box") {
    const i = one.low.findIndex((low, j) => low !== other.low[j] || one.high[j] !== other.high[j]);
    const bounds = ({ low, high }: Box) => `[${low[i]}, ${high[i]}]`;
    return i < 0 ? undefined : `entry ${i} of ${names[0]} is in ${bounds(one)} and in ${bounds(other)}`;
  }
  if (one.kind !== "dict" && one.kind !== "tuple") return undefined;
  const others = partsOf(other as DictSpace | TupleSpace);
  for (const [i, [key, part]] of Object.entries(one.spaces).entries()) {
    const difference = spaceDifference(part, others[i]);
    if (difference) return `part ${key}: ${difference}`;
  }
  return undefined;
}

/** Whether values are indices or bits; a batch of such values is an `Int32Array`. */
export const isIntegral = (space: Space): boolean =>
  space.kind === "discrete" || space.kind === "multi-discrete" || space.kind === "multi-binary";

/**
 * A zeroed batch for `count` actions: `Int32Array` `[count, width]` for integral spaces, else `Float32Array`.
 * @throws UsageError for Dict and Tuple spaces, which no algorithm supports as action spaces.
 */
export function allocateActions(space: Space, count: number): Int32Array | Float32Array {
  if (isIntegral(space)) return new Int32Array(count * spaceWidth(space));
  if (space.kind === "box") return new Float32Array(count * spaceWidth(space));
  throw new UsageError(
    `actions of kind ${describeSpace(space)} are not supported; flatten them into a box or a multi-discrete space`,
  );
}
