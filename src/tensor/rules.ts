/**
 * @file The derivative of each operation with one output: a rule maps the cotangent of the output to the
 * cotangents of the inputs (null for an input that has none).
 *
 * Rules use the public operations, so that gradients can be differentiated again.
 */
import type { BinaryOp, Op, OpAttributes, Tensor, TensorLike, UnaryOp } from "./graph.js";
import {
  add,
  cast,
  cos,
  div,
  equal,
  exp,
  less,
  lessEqual,
  log,
  maximum,
  minimum,
  mul,
  neg,
  positive,
  pow,
  sigmoid,
  sign,
  sin,
  square,
  sub,
  where,
} from "./ops/elementwise.js";
import { addAlongAxis, scatterAdd, takeAlongAxis } from "./ops/indexing.js";
import { broadcastTo, fillLike, pad, reshape, slice, split, transpose } from "./ops/layout.js";
import { conv, convKernel, convTranspose, gemm, matmul, swapLast } from "./ops/linear.js";
import { cumsum, sum } from "./ops/reduce.js";
import { isStatic, sameShape, sizeOf } from "./shape.js";

type Rule<O extends Op> = (
  g: Tensor,
  inputs: readonly Tensor[],
  output: Tensor,
  attributes: OpAttributes[O],
) => readonly (Tensor | null)[];

type Rules<O extends Op> = { readonly [K in O]: Rule<K> };

type ElementwiseOp = UnaryOp | BinaryOp | "where" | "clip";

/** At most the root of every normal float32. */
const SMALLEST_ROOT = 1e-19;

/**
 * Rules of elementwise operations. `g` and the returned cotangents may have any shape that broadcasts to the
 * output's shape, so a uniform cotangent stays a scalar as long as possible.
 */
export const elementwiseRules: Rules<ElementwiseOp> = {
  neg: (g) => [neg(g)],
  abs: (g, [x]) => [mul(g, sign(x))],
  sign: () => [null],
  positive: () => [null],
  floor: () => [null],
  exp: (g, _, y) => [mul(g, y)],
  log: (g, [x]) => [div(g, x)],
  log1p: (g, [x]) => [div(g, add(x, 1))],
  expm1: (g, _, y) => [mul(g, add(y, 1))],
  // Finite at 0, where the slope is infinite, so that √Σx² and √(decayed x²) have the subgradient 0 at x = 0.
  sqrt: (g, _, y) => [div(mul(g, 0.5), maximum(y, SMALLEST_ROOT))],
  square: (g, [x]) => [mul(mul(g, 2), x)],
  sin: (g, [x]) => [mul(g, cos(x))],
  cos: (g, [x]) => [mul(neg(g), sin(x))],
  tanh: (g, _, y) => [mul(g, sub(1, square(y)))],
  sigmoid: (g, _, y) => [mul(g, mul(y, sub(1, y)))],
  softplus: (g, [x]) => [mul(g, sigmoid(x))],
  // Uses the output y, not the input, so that the preceding product can be fused with the ReLU.
  relu: (g, _, y) => [mul(g, positive(y))],
  elu: (g, _, y) => [mul(g, add(minimum(y, 0), 1))],
  erf: (g, [x]) => [mul(mul(g, 2 / Math.sqrt(Math.PI)), exp(neg(square(x))))],
  logicalNot: () => [null],
  add: (g) => [g, g],
  sub: (g) => [g, neg(g)],
  mul: (g, [a, b]) => [mul(g, b), mul(g, a)],
  div: (g, [, b], y) => [div(g, b), neg(mul(div(g, b), y))],
  pow: (g, [a, b], y) => [mul(g, mul(b, pow(a, sub(b, 1)))), mul(g, mul(y, log(where(less(0, a), a, 1))))],
  minimum: (g, [a, b]) => [where(lessEqual(a, b), g, 0), where(lessEqual(a, b), 0, g)],
  maximum: (g, [a, b]) => [where(lessEqual(b, a), g, 0), where(lessEqual(b, a), 0, g)],
  equal: () => [null, null],
  less: () => [null, null],
  lessEqual: () => [null, null],
  logicalAnd: () => [null, null],
  logicalOr: () => [null, null],
  where: (g, [condition]) => [null, where(condition, g, 0), where(condition, 0, g)],
  clip: (g, [x], y) => [where(equal(x, y), g, 0)],
};

/** Inserts the reduced axes with size 1, so that the reduced tensor broadcasts against `x`. */
function restoreAxes(reduced: Tensor, x: Tensor, axes: readonly number[]): Tensor {
  const leading = axes.every((axis, i) => axis === i);
  if (leading || reduced.shape.length === x.shape.length) return reduced;
  return reshape(
    reduced,
    x.shape.map((dim, i) => (axes.includes(i) ? 1 : dim)),
  );
}

/** The number of elements of `x` that are reduced to one element. */
function reducedSize(x: Tensor, axes: readonly number[]): TensorLike {
  const dims = axes.map((axis) => x.shape[axis]);
  return isStatic(dims) ? Number(sizeOf(dims)) : sum(fillLike(x, 1), axes, { keepDims: true });
}

function extremumRule(g: Tensor, [x]: readonly Tensor[], y: Tensor, { axes }: OpAttributes["max"]): Tensor[] {
  const chosen = cast(equal(x, restoreAxes(y, x, axes)), "float32");
  return [mul(chosen, div(restoreAxes(g, x, axes), sum(chosen, axes, { keepDims: true })))];
}

/** Sums a cotangent over the dimensions along which `input` was repeated to reach the shape of `output`. */
export function unbroadcast(g: Tensor, input: Tensor, output: Tensor): Tensor {
  if (sameShape(input.shape, output.shape)) return g;
  const added = output.shape.length - input.shape.length;
  const axes = [...output.shape.keys()].filter(
    (i) => i < added || (input.shape[i - added] === 1 && output.shape[i] !== 1),
  );
  const keepDims = axes.some((axis) => axis >= added);
  return reshape(sum(broadcastTo(g, output.shape, output), axes, { keepDims }), input.shape);
}

/** Rules of the other operations. `g` has the output's shape; returned cotangents may still need broadcasting. */
export const rules: Rules<Exclude<Op, ElementwiseOp | "split" | "scan" | "loop">> = {
  stopGradient: () => [null],
  cast: () => [null],
  sum: (g, [x], _, { axes }) => [restoreAxes(g, x, axes)],
  mean: (g, [x], _, { axes }) => [div(restoreAxes(g, x, axes), reducedSize(x, axes))],
  max: extremumRule,
  min: extremumRule,
  logSumExp: (g, [x], y, { axes }) => [mul(restoreAxes(g, x, axes), exp(sub(x, restoreAxes(y, x, axes))))],
  softmax: (g, _, y, { axis }) => [mul(y, sub(g, sum(mul(g, y), axis, { keepDims: true })))],
  logSoftmax: (g, _, y, { axis }) => [sub(g, mul(exp(y), sum(g, axis, { keepDims: true })))],
  cumsum: (g, _, __, { axis, reverse }) => [cumsum(g, axis, { reverse: !reverse })],
  argmax: () => [null],
  gemm: (g, [a, b, c], y, { transA, transB }) => [
    transA
      ? gemm(b, g, undefined, { transA: transB, transB: true })
      : gemm(g, b, undefined, { transB: !transB }),
    transB
      ? gemm(g, a, undefined, { transA: true, transB: transA })
      : gemm(a, g, undefined, { transA: !transA }),
    c ? unbroadcast(g, c, y) : null,
  ],
  matmul: (g, [a, b]) => {
    const forA = matmul(g, swapLast(b));
    const forB = matmul(swapLast(a), g);
    return [unbroadcast(forA, a, forA), unbroadcast(forB, b, forB)];
  },
  argmaxPool: () => [null],
  conv: (g, [x, w], _, sliding) => [
    convTranspose(g, w, sliding, x.shape.slice(2) as [number, number]),
    convKernel(x, g, sliding, w.shape.slice(2) as number[]),
  ],
  convTranspose: (g, [x, w], _, { image: _image, ...sliding }) => [
    conv(g, w, sliding),
    convKernel(g, x, sliding, w.shape.slice(2) as number[]),
  ],
  transpose: (g, _, __, { permutation }) => [
    transpose(
      g,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ],
  reshape: (g, [x]) => [reshape(g, x.shape)],
  broadcastTo: (g, [x], y) => [unbroadcast(g, x, y), null],
  concat: (g, inputs, _, { axis }) =>
    split(
      g,
      inputs.map((x) => Number(x.shape[axis])),
      axis,
    ),
  slice: (g, [x], _, { axis, begin, end }) => [pad(g, begin, Number(x.shape[axis]) - end, axis)],
  pad: (g, [x], _, { axis, before }) => [slice(g, before, before + Number(x.shape[axis]), axis)],
  gather: (g, [x, indices], _, { axis }) => [scatterAdd(fillLike(x, 0), indices, g, axis), null],
  gatherElements: (g, [x, indices], _, { axis }) => [addAlongAxis(fillLike(x, 0), indices, g, axis), null],
  scatterElements: (g, [, indices], _, { axis }) => [g, null, takeAlongAxis(g, indices, axis)],
};
