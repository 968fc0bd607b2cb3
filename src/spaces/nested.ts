/** @file Nested arrays of numbers, in which environments often give values and bounds of boxes. */

import type { Space } from "./space.js";

const isVector = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

const isFlat = (value: unknown): boolean => !isVector(value) || !isVector(value[0]);

/**
 * The numbers of nested arrays of this shape in row-major order; sizes of 1 may be left out or added. A value that is not
 * nested, or has another shape, is returned as it is.
 */
export function flatNumbers(value: unknown, shape: readonly number[]): unknown {
  if (isFlat(value)) return value;
  const sizes: number[] = [];
  for (let node = value; isVector(node); node = node[0]) sizes.push(node.length);
  const withoutOnes = (all: readonly number[]) => String(all.filter((size) => size !== 1));
  if (withoutOnes(sizes) !== withoutOnes(shape)) return value;
  const numbers: unknown[] = [];
  const isRegular = (node: unknown, axis: number): boolean => {
    if (axis === sizes.length) return numbers.push(node) > 0 && !isVector(node);
    return (
      isVector(node) &&
      node.length === sizes[axis] &&
      Array.prototype.every.call(node, (part) => isRegular(part, axis + 1))
    );
  };
  return isRegular(value, 0) ? numbers : value;
}

/** A value of a space with the nested arrays of its boxes as flat arrays; a value of another form is not changed. */
export function flatBoxes(space: Space, value: unknown): unknown {
  if (space.kind === "box") return flatNumbers(value, space.shape);
  if (typeof value !== "object" || value === null) return value;
  if (space.kind === "tuple" && Array.isArray(value) && value.length === space.spaces.length) {
    return space.spaces.map((part, i) => flatBoxes(part, value[i]));
  }
  if (space.kind === "dict" && !isVector(value)) {
    const parts = value as Record<string, unknown>;
    return Object.fromEntries(
      Object.entries(space.spaces).map(([key, part]) => [key, flatBoxes(part, parts[key])]),
    );
  }
  return value;
}
