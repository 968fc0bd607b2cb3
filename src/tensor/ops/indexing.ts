/** @file Operations that read and write at positions given by `int32` tensors. */
import { arange, emit, type Tensor, zeros } from "../graph.js";
import { formatShape, resolveAxis, type Shape, ShapeError } from "../shape.js";
import { cast, equal } from "./elementwise.js";
import { broadcastTo, expandDims, reshape } from "./layout.js";

function checkIndices(operation: string, indices: Tensor): void {
  if (indices.dtype === "int32") return;
  throw new ShapeError(
    `${operation}: indices must be int32, not ${indices.dtype} ${formatShape(indices.shape)}`,
  );
}

/** The slices of `x` at `indices` along an axis; in the result, the shape of `indices` replaces that axis. */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  checkIndices("gather", indices);
  const at = resolveAxis("gather", axis, x.shape);
  return emit("gather", [x, indices], { axis: at }, x.shape.toSpliced(at, 1, ...indices.shape));
}

/** A tensor with `depth` elements for each index: 1 at the index, 0 elsewhere. */
export function oneHot(indices: Tensor, depth: number): Tensor {
  checkIndices("oneHot", indices);
  return cast(equal(expandDims(indices, -1), arange(depth)), "float32");
}

function checkAlongAxis(operation: string, x: Tensor, indices: Tensor, axis: number): number {
  checkIndices(operation, indices);
  const at = resolveAxis(operation, axis, x.shape);
  const fits =
    indices.shape.length === x.shape.length &&
    indices.shape.every((dim, i) => i === at || dim === x.shape[i]);
  if (fits) return at;
  throw new ShapeError(
    `${operation}: ${formatShape(x.shape)} and indices ${formatShape(indices.shape)} may differ only along axis ${axis}`,
  );
}

/** The elements of `x` at the positions of `indices`, with the coordinate along `axis` replaced by the index. */
export function takeAlongAxis(x: Tensor, indices: Tensor, axis: number): Tensor {
  const at = checkAlongAxis("takeAlongAxis", x, indices, axis);
  return emit("gatherElements", [x, indices], { axis: at }, indices.shape);
}

/** `base` with `updates` added at the positions that {@link takeAlongAxis} would read for `indices`. */
export function addAlongAxis(base: Tensor, indices: Tensor, updates: Tensor, axis: number): Tensor {
  const at = checkAlongAxis("addAlongAxis", base, indices, axis);
  if (updates.shape.join() !== indices.shape.join() || updates.dtype !== base.dtype) {
    throw new ShapeError(
      `addAlongAxis: updates ${updates.dtype} ${formatShape(updates.shape)} do not fit ` +
        `indices ${formatShape(indices.shape)} and base ${base.dtype} ${formatShape(base.shape)}`,
    );
  }
  return emit("scatterElements", [base, indices, updates], { axis: at }, base.shape);
}

/**
 * Adds updates to a base (zeros, when a shape is given) at the slices that {@link gather} with the same
 * indices would read; updates of repeated indices add up.
 */
export function scatterAdd(
  base: Tensor | readonly number[],
  indices: Tensor,
  updates: Tensor,
  axis = 0,
): Tensor {
  checkIndices("scatterAdd", indices);
  const into = Array.isArray(base) ? zeros(base, updates.dtype) : (base as Tensor);
  const at = resolveAxis("scatterAdd", axis, into.shape);
  const expected: Shape = into.shape.toSpliced(at, 1, ...indices.shape);
  if (updates.shape.join() !== expected.join()) {
    throw new ShapeError(
      `scatterAdd: updates ${formatShape(updates.shape)} into ${formatShape(into.shape)} by indices ` +
        `${formatShape(indices.shape)} along axis ${axis} must be ${formatShape(expected)}`,
    );
  }
  const flat = reshape(updates, into.shape.with(at, -1));
  const column = reshape(
    indices,
    into.shape.map((_, i) => (i === at ? -1 : 1)),
  );
  return addAlongAxis(into, broadcastTo(column, flat.shape, flat), flat, at);
}
