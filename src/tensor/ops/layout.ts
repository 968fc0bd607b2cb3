/** @file Operations that move elements: reshape, transpose, broadcast, concat, slice, pad. */
import { emit, emitAll, full, type Tensor } from "../graph.js";
import {
  type Dim,
  divideSize,
  formatShape,
  isStatic,
  resolveAxis,
  type Shape,
  ShapeError,
  sameShape,
  sizeOf,
} from "../shape.js";

/** The same elements in another shape. One entry may be −1: it is computed from the others. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const fail = (why: string): never => {
    throw new ShapeError(`reshape: ${formatShape(x.shape)} to ${formatShape(shape)}: ${why}`);
  };
  const open = shape.indexOf(-1);
  const target = [...shape];
  if (open >= 0) {
    const rest = divideSize(sizeOf(x.shape), sizeOf(target.toSpliced(open, 1)));
    target[open] = rest ?? fail("the elements do not divide evenly");
  }
  if (sizeOf(target) !== sizeOf(x.shape)) fail("the numbers of elements differ");
  if (target.filter((dim) => typeof dim === "string").length > 1) fail("only one dimension may be dynamic");
  return sameShape(target, x.shape) ? x : emit("reshape", [x], { shape: target }, target);
}

/** Inserts a dimension of size 1 before `axis` (−1: at the end). */
export function expandDims(x: Tensor, axis: number): Tensor {
  const at = resolveAxis("expandDims", axis, [...x.shape, 1]);
  return reshape(x, x.shape.toSpliced(at, 0, 1));
}

/** Removes the dimension `axis`, whose size must be 1. */
export function squeeze(x: Tensor, axis: number): Tensor {
  const at = resolveAxis("squeeze", axis, x.shape);
  if (x.shape[at] !== 1)
    throw new ShapeError(`squeeze: axis ${axis} of ${formatShape(x.shape)} is not of size 1`);
  return reshape(x, x.shape.toSpliced(at, 1));
}

/** Reorders the dimensions; without a permutation, reverses them. */
export function transpose(x: Tensor, permutation?: readonly number[]): Tensor {
  const order = permutation
    ? permutation.map((axis) => resolveAxis("transpose", axis, x.shape))
    : x.shape.map((_, i) => x.shape.length - 1 - i);
  if (order.length !== x.shape.length || new Set(order).size !== order.length) {
    throw new ShapeError(
      `transpose: ${formatShape(permutation ?? [])} does not permute ${formatShape(x.shape)}`,
    );
  }
  return emit(
    "transpose",
    [x],
    { permutation: order },
    order.map((axis) => x.shape[axis]),
  );
}

/**
 * Repeats along new dimensions and those of size 1 to reach `shape`. A dynamic dimension that `x` lacks
 * takes its size from `like`, a tensor of that shape.
 */
export function broadcastTo(x: Tensor, shape: Shape, like?: Tensor): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const offset = shape.length - x.shape.length;
  if (offset < 0 || x.shape.some((dim, i) => dim !== 1 && dim !== shape[i + offset])) {
    throw new ShapeError(`broadcastTo: ${formatShape(x.shape)} does not broadcast to ${formatShape(shape)}`);
  }
  const known = shape.every((dim, i) => typeof dim === "number" || dim === x.shape[i - offset]);
  if (!known && !(like && sameShape(like.shape, shape))) {
    throw new ShapeError(
      `broadcastTo: ${formatShape(x.shape)} to ${formatShape(shape)}: the size of a named dimension is not known ` +
        "here; give a tensor of that shape as third argument",
    );
  }
  return emit("broadcastTo", known ? [x] : [x, like!], { shape }, shape);
}

/** `value` in the shape and dtype of `x`, which may be dynamic. */
export const fillLike = (x: Tensor, value: number): Tensor =>
  isStatic(x.shape) ? full(x.shape, value, x.dtype) : broadcastTo(full([], value, x.dtype), x.shape, x);

function staticSize(operation: string, x: Tensor, axis: number): number {
  const dim: Dim = x.shape[axis];
  if (typeof dim === "number") return dim;
  throw new ShapeError(
    `${operation}: axis ${axis} of ${formatShape(x.shape)} has no size known while tracing`,
  );
}

/** Joins tensors along an existing dimension. */
export function concat(xs: readonly Tensor[], axis = 0): Tensor {
  if (xs.length === 0) throw new ShapeError("concat: needs at least one tensor");
  if (xs.length === 1) return xs[0];
  const [first] = xs;
  const at = resolveAxis("concat", axis, first.shape);
  for (const x of xs) {
    const fits =
      x.shape.length === first.shape.length && x.shape.every((dim, i) => i === at || dim === first.shape[i]);
    if (!fits || x.dtype !== first.dtype) {
      throw new ShapeError(
        `concat: ${first.dtype} ${formatShape(first.shape)} and ${x.dtype} ${formatShape(x.shape)} ` +
          `do not join along axis ${axis}`,
      );
    }
  }
  const total = xs.reduce((sum, x) => sum + staticSize("concat", x, at), 0);
  return emit("concat", xs, { axis: at }, first.shape.with(at, total));
}

/** Joins tensors of one shape along a new dimension. */
export const stack = (xs: readonly Tensor[], axis = 0): Tensor =>
  concat(
    xs.map((x) => expandDims(x, axis)),
    axis,
  );

/** Cuts an axis into consecutive parts of the given sizes; cheaper than one slice per part. */
export function split(x: Tensor, sizes: readonly number[], axis = 0): readonly Tensor[] {
  const at = resolveAxis("split", axis, x.shape);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total !== staticSize("split", x, at)) {
    throw new ShapeError(
      `split: sizes ${formatShape(sizes)} do not add up to axis ${axis} of ${formatShape(x.shape)}`,
    );
  }
  if (sizes.length === 1) return [x];
  const parts = sizes.map((size) => ({ shape: x.shape.with(at, size), dtype: x.dtype }));
  return emitAll("split", [x], { axis: at, sizes: [...sizes] }, parts, {
    pullback: (cotangents, { outputs }) => [
      concat(
        cotangents.map((g, i) => g ?? fillLike(outputs[i], 0)),
        at,
      ),
    ],
  });
}

/** Elements `begin` (included) to `end` (excluded) of an axis; negative ones count from the end. */
export function slice(x: Tensor, begin: number, end?: number, axis = 0): Tensor {
  const at = resolveAxis("slice", axis, x.shape);
  const size = staticSize("slice", x, at);
  const from = begin < 0 ? begin + size : begin;
  const to = end === undefined ? size : end < 0 ? end + size : end;
  if (!(from >= 0 && from < to && to <= size)) {
    throw new ShapeError(
      `slice: ${begin} to ${end} is not a part of axis ${axis} of ${formatShape(x.shape)}`,
    );
  }
  if (to - from === size) return x;
  return emit("slice", [x], { axis: at, begin: from, end: to }, x.shape.with(at, to - from));
}

/** Adds `before` zeros before and `after` zeros after the elements along an axis. */
export function pad(x: Tensor, before: number, after: number, axis = 0): Tensor {
  const at = resolveAxis("pad", axis, x.shape);
  if (before < 0 || after < 0)
    throw new ShapeError(`pad: ${before} and ${after} for ${formatShape(x.shape)}: the padding is negative`);
  if (before + after === 0) return x;
  const size = staticSize("pad", x, at) + before + after;
  return emit("pad", [x], { axis: at, before, after }, x.shape.with(at, size));
}
