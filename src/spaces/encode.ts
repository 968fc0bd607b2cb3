/** @file The encoding of flat rows as inputs of networks, in plain code: discrete parts one-hot, all others unchanged. */

import { type Space, spaceWidth } from "./space.js";

/**
 * Writes row `row` of `rows` `[N, spaceWidth(space)]`, encoded, to `out` from entry `at` on: `encodedWidth(space)`
 * numbers. The tensor form is `encodeObservations` of the policies.
 */
export function encodeRow(
  space: Space,
  rows: ArrayLike<number>,
  row: number,
  out: Float32Array,
  at: number,
): void {
  encodeFrom(space, rows, row * spaceWidth(space), out, at);
}

/** Encodes the numbers from `from` on. Returns the entry of `out` after the last one written. */
function encodeFrom(
  space: Space,
  values: ArrayLike<number>,
  from: number,
  out: Float32Array,
  at: number,
): number {
  const oneHot = (value: number, n: number, start: number) => {
    out.fill(0, start, start + n);
    out[start + value] = 1;
    return start + n;
  };
  switch (space.kind) {
    case "box":
    case "multi-binary": {
      const width = spaceWidth(space);
      for (let j = 0; j < width; j++) out[at + j] = values[from + j];
      return at + width;
    }
    case "discrete":
      return oneHot(values[from], space.n, at);
    case "multi-discrete":
      return space.sizes.reduce((start, n, j) => oneHot(values[from + j], n, start), at);
    default: {
      let source = from;
      let target = at;
      for (const part of Object.values(space.spaces)) {
        target = encodeFrom(part, values, source, out, target);
        source += spaceWidth(part);
      }
      return target;
    }
  }
}
