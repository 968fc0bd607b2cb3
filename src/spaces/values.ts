/** @file Values of spaces: sampling, checking, and conversion between nested values and flat rows. */

import type { Rng } from "../random/rng.js";

import { type Box, partsOf, type Space, spaceWidth } from "./space.js";

type Row = Float32Array | Float64Array | Int32Array | number[];

const isVector = (value: unknown): value is ArrayLike<number> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

const isIndex = (value: unknown, n: number): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < n;

/** The value of each named or numbered part, in the order of {@link partsOf}. */
function partValues(space: Space, value: Observation): Observation[] {
  if (space.kind === "dict") {
    const record = value as { [key: string]: Observation };
    return Object.keys(space.spaces).map((key) => record[key]);
  }
  return value as Observation[];
}

/**
 * Whether `value` is in the space: shape, integrality, bounds and finiteness are checked. The bounds of a box are
 * also accepted when they hold after rounding to float32, the type of observations.
 */
export function contains(space: Space, value: unknown): boolean {
  return whyOutside(space, value) === undefined;
}

/** The reason why `value` is not in the space, or `undefined` when it is. */
export function whyOutside(space: Space, value: unknown): string | undefined {
  switch (space.kind) {
    case "discrete":
      return isIndex(value, space.n)
        ? undefined
        : `${show(value)} is not an integer from 0 to ${space.n - 1}`;
    case "box":
      return whyOutsideBox(space, value);
    case "multi-discrete":
    case "multi-binary": {
      const width = spaceWidth(space);
      if (!isVector(value) || value.length !== width)
        return `${show(value)} is not an array of ${width} numbers`;
      for (let i = 0; i < width; i++) {
        const n = space.kind === "multi-discrete" ? space.sizes[i] : 2;
        if (!isIndex(value[i], n))
          return `entry ${i} is ${show(value[i])}, not an integer from 0 to ${n - 1}`;
      }
      return undefined;
    }
    case "dict":
    case "tuple": {
      if (typeof value !== "object" || value === null)
        return `${show(value)} is not an object with the parts`;
      const values = partValues(space, value as Observation);
      for (const [i, [key, part]] of Object.entries(space.spaces).entries()) {
        const reason = whyOutside(part, values[i]);
        if (reason) return `part ${key}: ${reason}`;
      }
      return undefined;
    }
  }
}

function whyOutsideBox({ low, high, shape }: Box, value: unknown): string | undefined {
  // The value of a box with one entry is often given as a plain number.
  const values = typeof value === "number" && low.length === 1 ? [value] : value;
  if (!isVector(values)) return `${show(value)} is not an array of ${low.length} numbers`;
  if (values.length !== low.length) {
    return `it has ${values.length} numbers, not ${low.length} (shape [${shape}])`;
  }
  for (let i = 0; i < low.length; i++) {
    const v = values[i];
    if (!Number.isFinite(v)) return `entry ${i} is ${show(v)}, not a finite number`;
    if (!Number.isFinite(Math.fround(v))) return `entry ${i} is ${v}, which is beyond the range of float32`;
    const inside = (v >= low[i] || v >= Math.fround(low[i])) && (v <= high[i] || v <= Math.fround(high[i]));
    if (!inside) return `entry ${i} is ${v}, outside [${low[i]}, ${high[i]}]`;
  }
  return undefined;
}

/** Formats a value for a message. */
function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (isVector(value)) return `an array of ${value.length}`;
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

/** Writes `value` as a flat row into `out` from `offset` on; the parts of composite spaces follow each other. */
export function flattenInto(space: Space, value: Observation, out: Row, offset = 0): void {
  if (typeof value === "number") {
    out[offset] = value;
  } else if (space.kind === "dict" || space.kind === "tuple") {
    const values = partValues(space, value);
    let at = offset;
    for (const [i, part] of partsOf(space).entries()) {
      flattenInto(part, values[i], out, at);
      at += spaceWidth(part);
    }
  } else {
    const row = value as ArrayLike<number>;
    for (let i = 0; i < row.length; i++) out[offset + i] = row[i];
  }
}

/**
 * The value that a flat row represents: the inverse of {@link flattenInto}. Reads `spaceWidth(space)` numbers from
 * `offset` on. Values of boxes are new `Float32Array`s, other vectors plain arrays.
 */
export function unflatten(space: Space, row: ArrayLike<number>, offset = 0): Observation {
  if (space.kind === "discrete") return row[offset];
  if (space.kind === "dict" || space.kind === "tuple") {
    let at = offset;
    const values = partsOf(space).map((part) => {
      const value = unflatten(part, row, at);
      at += spaceWidth(part);
      return value;
    });
    if (space.kind === "tuple") return values;
    return Object.fromEntries(Object.keys(space.spaces).map((key, i) => [key, values[i]]));
  }
  const width = spaceWidth(space);
  const values = space.kind === "box" ? new Float32Array(width) : new Array<number>(width);
  for (let i = 0; i < width; i++) values[i] = row[offset + i];
  return values;
}

/**
 * Samples a value: uniform between two bounds, standard normal without bounds, and exponentially distributed away
 * from a single bound.
 */
export function sample(space: Space, rng: Rng): Observation {
  const row = new Array<number>(spaceWidth(space));
  sampleInto(space, rng, row, 0);
  return unflatten(space, row);
}

/** {@link sample} as a flat row, written into `out` from `offset` on. */
export function sampleInto(space: Space, rng: Rng, out: Row, offset: number): void {
  switch (space.kind) {
    case "discrete":
      out[offset] = rng.integer(space.n);
      break;
    case "multi-discrete":
      for (let i = 0; i < space.sizes.length; i++) out[offset + i] = rng.integer(space.sizes[i]);
      break;
    case "multi-binary":
      for (let i = 0; i < space.n; i++) out[offset + i] = rng.integer(2);
      break;
    case "box":
      for (let i = 0; i < space.low.length; i++)
        out[offset + i] = sampleBetween(space.low[i], space.high[i], rng);
      break;
    default: {
      let at = offset;
      for (const part of partsOf(space)) {
        sampleInto(part, rng, out, at);
        at += spaceWidth(part);
      }
    }
  }
}

function sampleBetween(low: number, high: number, rng: Rng): number {
  const belowBound = Number.isFinite(high);
  if (Number.isFinite(low)) {
    // Unlike low + u · (high − low), the weighted mean does not overflow or leave the bounds by rounding.
    if (belowBound) {
      const u = rng.uniform();
      return Math.min(high, Math.max(low, (1 - u) * low + u * high));
    }
    return low - Math.log(1 - rng.uniform());
  }
  return belowBound ? high + Math.log(1 - rng.uniform()) : rng.normal();
}

/** Rows `[N, d]`, clipped to the bounds of the box. */
export function clipToBox(rows: ArrayLike<number>, { low, high }: Box): Float32Array {
  const width = low.length;
  const out = new Float32Array(rows.length);
  // A loop: `from` with a function takes longer than a step of a small network.
  for (let k = 0, j = 0; k < out.length; k++, j = j + 1 < width ? j + 1 : 0) {
    out[k] = Math.min(high[j], Math.max(low[j], rows[k]));
  }
  return out;
}

/** The actions `[N, k]` within the bounds of their space, as an environment executes them; the array itself if all are. */
export function executedActions<A extends ActionBatch>(space: Space, actions: A): A | Float32Array {
  if (space.kind !== "box") return actions;
  const { low, high } = space;
  const isOutside = actions.some((x, k) => x < low[k % low.length] || x > high[k % low.length]);
  return isOutside ? clipToBox(actions, space) : actions;
}

/** One observation of a single environment: a number for a discrete space, a flat array for a box, and so on. */
export type Observation =
  | number
  | Float32Array
  | ArrayLike<number>
  | { [key: string]: Observation }
  | Observation[];

/** One action of a single environment: a number for a discrete space, else a flat array. */
export type Action = number | ArrayLike<number>;

/** Actions of N environments: `[N]` for discrete, `[N, k]` for multi-discrete, `[N, d]` for boxes. */
export type ActionBatch = Int32Array | Float32Array;
