/** @file Shapes, dtypes and the shape rules that operations share. */

/** Element type of a tensor. Indices are `int32`; `bool` values are stored as bytes 0 and 1 in a `Uint8Array`. */
export type DType = "float32" | "int32" | "bool";

/** A size, or the name of a size that is only known when the program runs (such as `"batch"`). */
export type Dim = number | string;

export type Shape = readonly Dim[];

/** Thrown when an operation cannot combine shapes or dtypes. The message names the operation and the shapes. */
export class ShapeError extends Error {
  override name = "ShapeError";
}

/** Formats a shape for error messages: `[batch, 64]`. */
export const formatShape = (shape: Shape): string => `[${shape.join(", ")}]`;

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((dim, i) => dim === b[i]);

/** True when every size is known while tracing. */
export const isStatic = (shape: Shape): shape is readonly number[] =>
  shape.every((dim) => typeof dim === "number");

/**
 * The number of elements of a shape. With a named dimension, it is a product written as a dimension name
 * (`"batch"`, `"10*batch"`), so that flattening and unflattening can be checked.
 */
export function sizeOf(shape: Shape): Dim {
  let factor = 1;
  const names: string[] = [];
  for (const dim of shape) {
    for (const part of typeof dim === "number" ? [dim] : dim.split("*")) {
      if (Number.isNaN(Number(part))) names.push(String(part));
      else factor *= Number(part);
    }
  }
  if (names.length === 0) return factor;
  return (factor === 1 ? names.sort() : [factor, ...names.sort()]).join("*");
}

/** `total / part` for sizes in the form of {@link sizeOf}; null when `part` does not divide `total`. */
export function divideSize(total: Dim, part: Dim): Dim | null {
  const names = (size: Dim): string[] =>
    String(size)
      .split("*")
      .filter((p) => Number.isNaN(Number(p)));
  const factor = (size: Dim): number =>
    Number(
      String(size)
        .split("*")
        .find((p) => !Number.isNaN(Number(p))) ?? 1,
    );
  const left = names(total);
  for (const name of names(part)) {
    const at = left.indexOf(name);
    if (at < 0) return null;
    left.splice(at, 1);
  }
  const quotient = factor(total) / factor(part);
  return Number.isInteger(quotient) ? sizeOf([quotient, ...left]) : null;
}

/** The result shape of operands of these shapes under NumPy's broadcasting rules. Throws ShapeError if none exists. */
export function broadcastShapes(operation: string, ...shapes: Shape[]): Dim[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, i) => {
    let result: Dim = 1;
    for (const shape of shapes) {
      const dim = shape[shape.length - rank + i] ?? 1;
      if (dim === 1 || dim === result) continue;
      if (result !== 1) {
        throw new ShapeError(
          `${operation}: shapes ${shapes.map(formatShape).join(" and ")} do not broadcast`,
        );
      }
      result = dim;
    }
    return result;
  });
}

/** Turns an axis counted from the end into one counted from the start, and checks it. */
export function resolveAxis(operation: string, axis: number, shape: Shape): number {
  const resolved = axis < 0 ? axis + shape.length : axis;
  if (!Number.isInteger(axis) || resolved < 0 || resolved >= shape.length) {
    throw new ShapeError(`${operation}: axis ${axis} is outside shape ${formatShape(shape)}`);
  }
  return resolved;
}

/** The axes of a reduction, sorted and counted from the start; all of them when none is given. */
export function resolveAxes(
  operation: string,
  axes: number | readonly number[] | undefined,
  shape: Shape,
): number[] {
  if (axes === undefined) return shape.map((_, axis) => axis);
  const list = typeof axes === "number" ? [axes] : axes;
  return [...new Set(list.map((axis) => resolveAxis(operation, axis, shape)))].sort((a, b) => a - b);
}
