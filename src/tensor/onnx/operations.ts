/** @file Translates each operation to nodes of ONNX operator set 17. */
import type { Node, Op, OpAttributes, ReduceOp, Sliding } from "../graph.js";
import { type Attributes, elementType, type Writer } from "./writer.js";

export type Emit<O extends Op> = (
  w: Writer,
  inputs: string[],
  attributes: OpAttributes[O],
  output: string,
  node: Node,
) => void;

/** Emits an operation as the ONNX operator `opType`, which takes the same inputs. */
const as =
  <O extends Op>(
    opType: string,
    convert: (attributes: OpAttributes[O]) => Attributes = () => ({}),
  ): Emit<O> =>
  (w, inputs, attributes, output) => {
    w.node(opType, inputs, convert(attributes), output);
  };

const reduceAs = <O extends ReduceOp>(opType: string): Emit<O> =>
  as<O>(opType, ({ axes, keepDims }: OpAttributes[ReduceOp]) => ({ axes, keepdims: keepDims }));
const axisAs = <O extends "softmax" | "logSoftmax" | "concat" | "gather" | "gatherElements">(
  opType: string,
): Emit<O> => as<O>(opType, ({ axis }: { axis: number }) => ({ axis }));

/**
 * log(1 + u) for about |u| ≤ 1, without the rounding error of 1 + u: u log(s) / (s − 1), where s is the rounded value
 * of 1 + u, and u where s = 1 [Higham 2002, §1.14.1].
 */
function smallLog1p(w: Writer, u: string): string {
  const rounded = w.node("Add", [u, w.float(1)]);
  const over = w.node("Sub", [rounded, w.float(1)]);
  const quotient = w.node("Div", [w.node("Mul", [u, w.node("Log", [rounded])]), over]);
  return w.node("Where", [w.node("Equal", [over, w.float(0)]), u, quotient]);
}

/**
 * The larger or smaller of two, and NaN where either is NaN. The kernels of ONNX Runtime 1.17 drop the NaN of one operand,
 * which one depends on the shapes.
 */
const extremum =
  <O extends "maximum" | "minimum">(opType: "Max" | "Min"): Emit<O> =>
  (w, names, _, output, { inputs }) => {
    const perhapsNaN = names.filter((_, i) => {
      const { dtype, data } = inputs[i];
      return dtype === "float32" && (!data || Array.from(data).some(Number.isNaN));
    });
    const last = perhapsNaN.length - 1;
    let found = w.node(opType, names, {}, last < 0 ? output : undefined);
    for (const [i, name] of perhapsNaN.entries()) {
      found = w.node("Where", [w.node("IsNaN", [name]), name, found], {}, i === last ? output : undefined);
    }
  };

const slidingAttributes = ({ stride, padding, dilation }: Sliding): Attributes => ({
  strides: [stride, stride],
  pads: [padding, padding, padding, padding],
  dilations: [dilation, dilation],
});

export const emitters: { [O in Exclude<Op, "stopGradient" | "split" | "scan" | "loop">]: Emit<O> } = {
  neg: as("Neg"),
  abs: as("Abs"),
  sign: as("Sign"),
  // HardSigmoid with a slope of 2¹²⁷ is a step function for all normal numbers. A comparison and a selection would
  // take three times as long.
  positive: as("HardSigmoid", () => ({ alpha: Float32Array.of(2 ** 127), beta: Float32Array.of(0) })),
  floor: as("Floor"),
  exp: as("Exp"),
  log: as("Log"),
  log1p: (w, [x], _, output) => {
    const small = w.node("Less", [w.node("Abs", [x]), w.float(0.5)]);
    const plain = w.node("Log", [w.node("Add", [x, w.float(1)])]);
    w.node("Where", [small, smallLog1p(w, x), plain], {}, output);
  },
  // exp(x) − 1 = 2 exp(x/2) sinh(x/2); below −50 it is −1, and the product would be 0 · ∞.
  expm1: (w, [x], _, output) => {
    const half = w.node("Mul", [w.node("Clip", [x, w.float(-50)]), w.float(0.5)]);
    w.node("Mul", [w.node("Mul", [w.node("Exp", [half]), w.float(2)]), w.node("Sinh", [half])], {}, output);
  },
  sqrt: as("Sqrt"),
  square: (w, [x], _, output) => {
    w.node("Mul", [x, x], {}, output);
  },
  sin: as("Sin"),
  cos: as("Cos"),
  tanh: as("Tanh"),
  sigmoid: as("Sigmoid"),
  // ONNX has Softplus, but its kernel computes log(1 + exp(x)) as written and loses the left tail.
  softplus: (w, [x], _, output) => {
    const tail = smallLog1p(w, w.node("Exp", [w.node("Neg", [w.node("Abs", [x])])]));
    w.node("Add", [w.node("Relu", [x]), tail], {}, output);
  },
  relu: as("Relu"),
  elu: as("Elu"),
  erf: as("Erf"),
  logicalNot: as("Not"),
  add: as("Add"),
  sub: as("Sub"),
  mul: as("Mul"),
  div: as("Div"),
  pow: as("Pow"),
  minimum: extremum("Min"),
  maximum: extremum("Max"),
  equal: as("Equal"),
  less: as("Less"),
  lessEqual: as("LessOrEqual"),
  logicalAnd: as("And"),
  logicalOr: as("Or"),
  where: as("Where"),
  clip: (w, [x], { low, high }, output) => {
    w.node("Clip", [x, w.float(low), w.float(high)], {}, output);
  },
  cast: as("Cast", ({ to }) => ({ to: elementType[to] })),
  // Summing the rows of a matrix as a product with ones is several times faster than as a reduction.
  sum: (w, [x], { axes, keepDims }, output, { inputs: [{ shape, dtype }] }) => {
    const [rows] = shape;
    if (
      dtype === "float32" &&
      shape.length === 2 &&
      typeof rows === "number" &&
      axes.length === 1 &&
      axes[0] === 0
    ) {
      const ones = w.model.constant(new Float32Array(rows).fill(1), keepDims ? [1, rows] : [rows], "float32");
      w.node("MatMul", [ones, x], {}, output);
    } else {
      w.node("ReduceSum", [x, w.ints(axes)], { keepdims: keepDims }, output);
    }
  },
  mean: reduceAs("ReduceMean"),
  max: reduceAs("ReduceMax"),
  min: reduceAs("ReduceMin"),
  logSumExp: reduceAs("ReduceLogSumExp"),
  softmax: axisAs("Softmax"),
  logSoftmax: axisAs("LogSoftmax"),
  cumsum: (w, [x], { axis, reverse }, output) => {
    w.node("CumSum", [x, w.model.constant([axis], [], "int64")], { reverse }, output);
  },
  argmax: (w, [x], { axis }, output) => {
    w.node("Cast", [w.node("ArgMax", [x], { axis, keepdims: 0 })], { to: elementType.int32 }, output);
  },
  gemm: as("Gemm", ({ transA, transB }) => ({ transA, transB })),
  matmul: as("MatMul"),
  argmaxPool: (w, [x], { size, stride }, output) => {
    const [maxima, indices] = [w.model.fresh(), w.model.fresh()];
    w.add("MaxPool", [x], { kernel_shape: [size, size], strides: [stride, stride] }, [maxima, indices]);
    w.node("Cast", [indices], { to: elementType.int32 }, output);
  },
  conv: as("Conv", (sliding) => slidingAttributes(sliding)),
  convTranspose: (w, inputs, { image, ...sliding }, output, node) => {
    const { stride, padding, dilation } = sliding;
    const places = node.inputs[0].shape.slice(2) as number[];
    const kernel = node.inputs[1].shape.slice(2) as number[];
    // Rows and columns that no window reaches.
    const rest = image.map(
      (n, i) => n + 2 * padding - dilation * (kernel[i] - 1) - 1 - stride * (places[i] - 1),
    );
    w.node("ConvTranspose", inputs, { ...slidingAttributes(sliding), output_padding: rest }, output);
  },
  transpose: as("Transpose", ({ permutation }) => ({ perm: permutation })),
  reshape: (w, [x], { shape }, output) => {
    w.node("Reshape", [x, w.ints(shape.map((dim) => (typeof dim === "number" ? dim : -1)))], {}, output);
  },
  // Expand broadcasts in both directions, so a target size of 1 keeps the dynamic dimension of x.
  broadcastTo: (w, [x, like], { shape }, output) => {
    const target = like
      ? w.node("Shape", [like])
      : w.ints(shape.map((dim) => (typeof dim === "number" ? dim : 1)));
    w.node("Expand", [x, target], {}, output);
  },
  concat: axisAs("Concat"),
  slice: (w, [x], { axis, begin, end }, output) => {
    w.node("Slice", [x, w.ints([begin]), w.ints([end]), w.ints([axis])], {}, output);
  },
  pad: (w, [x], { axis, before, after }, output, { inputs: [{ shape }] }) => {
    const along = (n: number): number[] => shape.map((_, i) => (i === axis ? n : 0));
    w.node("Pad", [x, w.ints([...along(before), ...along(after)])], {}, output);
  },
  gather: axisAs("Gather"),
  gatherElements: axisAs("GatherElements"),
  scatterElements: as("ScatterElements", ({ axis }) => ({ axis, reduction: "add" })),
};
