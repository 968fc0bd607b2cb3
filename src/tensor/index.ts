/** @file Tensor programs: trace plain functions, differentiate them, run them on ONNX Runtime. */
export { grad } from "./autodiff.js";
export { loop, scan } from "./control.js";
export { arange, constant, full, ones, Tensor, type TensorLike, zeros } from "./graph.js";
export {
  abs,
  add,
  cast,
  clip,
  cos,
  div,
  elu,
  equal,
  erf,
  exp,
  expm1,
  floor,
  gelu,
  greater,
  greaterEqual,
  less,
  lessEqual,
  log,
  log1p,
  logicalAnd,
  logicalNot,
  logicalOr,
  maximum,
  minimum,
  mul,
  neg,
  notEqual,
  positive,
  pow,
  relu,
  sigmoid,
  sign,
  sin,
  softplus,
  sqrt,
  square,
  stopGradient,
  sub,
  tanh,
  where,
} from "./ops/elementwise.js";
export { addAlongAxis, gather, oneHot, scatterAdd, takeAlongAxis } from "./ops/indexing.js";
export {
  broadcastTo,
  concat,
  expandDims,
  fillLike,
  pad,
  reshape,
  slice,
  split,
  squeeze,
  stack,
  transpose,
} from "./ops/layout.js";
export { conv2d, linear, matmul, maxPool2d } from "./ops/linear.js";
export {
  argmax,
  cumsum,
  logSoftmax,
  logSumExp,
  max,
  mean,
  min,
  softmax,
  sum,
  variance,
} from "./ops/reduce.js";
export { bool, float32, type InputSpec, int32, Program, type ProgramArray, program } from "./program.js";
export { useRuntime } from "./runtime.js";
export { type Dim, type DType, type Shape, ShapeError } from "./shape.js";
