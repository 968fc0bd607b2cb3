/** @file Operations along axes: reductions, softmax, cumulative sum, argmax. */
import { emit, type ReduceOp, type Tensor } from "../graph.js";
import { formatShape, resolveAxes, resolveAxis, ShapeError } from "../shape.js";
import { square, sub } from "./elementwise.js";

/** One axis or several; all axes by default. */
type Axes = number | readonly number[];

interface ReduceOptions {
  /** Keep the reduced axes, with size 1. Default false. */
  keepDims?: boolean;
}

function requireNumbers(operation: string, x: Tensor, floatOnly: boolean): void {
  if (x.dtype === "float32" || (x.dtype === "int32" && !floatOnly)) return;
  throw new ShapeError(`${operation}: cannot take ${x.dtype} ${formatShape(x.shape)}; use cast`);
}

const reduction =
  (op: ReduceOp, floatOnly: boolean) =>
  (x: Tensor, axes?: Axes, { keepDims = false }: ReduceOptions = {}): Tensor => {
    requireNumbers(op, x, floatOnly);
    const over = resolveAxes(op, axes, x.shape);
    if (over.length === 0) return x;
    const kept = x.shape.map((dim, i) => (over.includes(i) ? 1 : dim));
    const shape = keepDims ? kept : kept.filter((_, i) => !over.includes(i));
    return emit(op, [x], { axes: over, keepDims }, shape);
  };

export const sum = reduction("sum", false);
export const mean = reduction("mean", true);
/** The largest element. Tied elements share the derivative equally. */
export const max = reduction("max", false);
/** The smallest element. Tied elements share the derivative equally. */
export const min = reduction("min", false);
/** log Σ exp(x), without overflow. */
export const logSumExp = reduction("logSumExp", true);

/** The mean squared distance from the mean (dividing by n). */
export function variance(x: Tensor, axes?: Axes, options?: ReduceOptions): Tensor {
  return mean(square(sub(x, mean(x, axes, { keepDims: true }))), axes, options);
}

/** exp(x) / Σ exp(x) along an axis. */
export function softmax(x: Tensor, axis = -1): Tensor {
  requireNumbers("softmax", x, true);
  return emit("softmax", [x], { axis: resolveAxis("softmax", axis, x.shape) }, x.shape);
}

/** x − log Σ exp(x) along an axis. */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  requireNumbers("logSoftmax", x, true);
  return emit("logSoftmax", [x], { axis: resolveAxis("logSoftmax", axis, x.shape) }, x.shape);
}

/** Running sum along an axis; `reverse` runs from its end. */
export function cumsum(x: Tensor, axis: number, { reverse = false } = {}): Tensor {
  requireNumbers("cumsum", x, false);
  return emit("cumsum", [x], { axis: resolveAxis("cumsum", axis, x.shape), reverse }, x.shape);
}

/** The index of the largest element along an axis (at ties the first), as `int32`. */
export function argmax(x: Tensor, axis = -1): Tensor {
  requireNumbers("argmax", x, false);
  const at = resolveAxis("argmax", axis, x.shape);
  return emit("argmax", [x], { axis: at }, x.shape.toSpliced(at, 1), "int32");
}
