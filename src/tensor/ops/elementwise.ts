/** @file Elementwise operations, with broadcasting. Numbers stand for scalars. */
import {
  type BinaryOp,
  constant,
  emit,
  scalarValue,
  Tensor,
  type TensorLike,
  type UnaryOp,
} from "../graph.js";
import { binary as binaryKernels, unary as unaryKernels } from "../scalars.js";
import { broadcastShapes, type DType, formatShape, ShapeError } from "../shape.js";

/** Converts numbers to scalar tensors, with the dtype of the operands that are tensors. */
function operands(...values: TensorLike[]): Tensor[] {
  const typed = values.find((value): value is Tensor => value instanceof Tensor && value.dtype !== "bool");
  return values.map((value) => (value instanceof Tensor ? value : constant(value, [], typed?.dtype)));
}

function checkDType(operation: string, allowed: readonly DType[], tensors: readonly Tensor[]): void {
  if (tensors.every((x) => allowed.includes(x.dtype) && x.dtype === tensors[0].dtype)) return;
  const types = tensors.map((x) => `${x.dtype} ${formatShape(x.shape)}`).join(" and ");
  throw new ShapeError(
    `${operation}: takes ${allowed.join(" or ")} operands of one dtype, not ${types}; use cast`,
  );
}

const FLOAT: DType[] = ["float32"];
const NUMBER: DType[] = ["float32", "int32"];
const BOOL: DType[] = ["bool"];
const ANY: DType[] = ["float32", "int32", "bool"];

const unary =
  (op: UnaryOp, allowed = FLOAT) =>
  (x: TensorLike): Tensor => {
    const [tensor] = operands(x);
    checkDType(op, allowed, [tensor]);
    const value = scalarValue(tensor);
    if (value !== null) return constant(unaryKernels[op](value), [], tensor.dtype);
    return emit(op, [tensor], {}, tensor.shape);
  };

/** The right operand for which the result equals the left operand; used to simplify. */
const rightIdentity: Partial<Record<BinaryOp, number>> = { add: 0, sub: 0, mul: 1, div: 1, pow: 1 };
const commutes = new Set<BinaryOp>(["add", "mul"]);

const binary =
  (op: BinaryOp, allowed = NUMBER, result?: DType) =>
  (a: TensorLike, b: TensorLike): Tensor => {
    const [left, right] = operands(a, b);
    checkDType(op, allowed, [left, right]);
    const x = scalarValue(left);
    const y = scalarValue(right);
    if (x !== null && y !== null && left.dtype === "float32") {
      return constant(binaryKernels[op](x, y), [], result ?? left.dtype);
    }
    if (y !== null && y === rightIdentity[op]) return left;
    if (x !== null && x === rightIdentity[op] && commutes.has(op)) return right;
    return emit(op, [left, right], {}, broadcastShapes(op, left.shape, right.shape), result ?? left.dtype);
  };

export const neg = unary("neg", NUMBER);
/** Absolute value. Its derivative at 0 is 0. */
export const abs = unary("abs", NUMBER);
/** −1, 0 or 1. */
export const sign = unary("sign", NUMBER);
/** 1 where positive, 0 elsewhere. */
export const positive = unary("positive");
export const floor = unary("floor");
export const exp = unary("exp");
export const log = unary("log");
/** log(1 + x), accurate for small x. */
export const log1p = unary("log1p");
/** exp(x) − 1, accurate for small x. */
export const expm1 = unary("expm1");
export const sqrt = unary("sqrt");
export const square = unary("square", NUMBER);
export const sin = unary("sin");
export const cos = unary("cos");
export const tanh = unary("tanh");
/** 1 / (1 + exp(−x)). */
export const sigmoid = unary("sigmoid");
/** log(1 + exp(x)), accurate for large |x|. */
export const softplus = unary("softplus");
/** max(x, 0). Its derivative at 0 is 0. */
export const relu = unary("relu");
/** x where positive, exp(x) − 1 elsewhere. */
export const elu = unary("elu");
/** The error function. */
export const erf = unary("erf");
/** x Φ(x), the exact form [Hendrycks & Gimpel 2016]. */
export const gelu = (x: Tensor): Tensor => mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));
export const logicalNot = unary("logicalNot", BOOL);

const plainAdd = binary("add");
export const sub = binary("sub");
const negated = (x: TensorLike): Tensor | null =>
  x instanceof Tensor && x.node?.op === "neg" ? x.node.inputs[0] : null;

/** The sum. Adding a negated tensor, as gradients often do, is traced as a difference. */
export function add(a: TensorLike, b: TensorLike): Tensor {
  const minus = negated(b);
  if (minus) return sub(a, minus);
  const first = negated(a);
  return first ? sub(b, first) : plainAdd(a, b);
}

export const mul = binary("mul");
/** The quotient. Integer division rounds towards zero. */
export const div = binary("div");
/** a to the power b. The derivative with respect to b is taken as 0 where a ≤ 0. */
export const pow = binary("pow", FLOAT);
/** The smaller of two. At ties the derivative goes to the first. */
export const minimum = binary("minimum");
/** The larger of two. At ties the derivative goes to the first. */
export const maximum = binary("maximum");

export const equal = binary("equal", ANY, "bool");
export const less = binary("less", NUMBER, "bool");
export const lessEqual = binary("lessEqual", NUMBER, "bool");
export const notEqual = (a: TensorLike, b: TensorLike): Tensor => logicalNot(equal(a, b));
export const greater = (a: TensorLike, b: TensorLike): Tensor => less(b, a);
export const greaterEqual = (a: TensorLike, b: TensorLike): Tensor => lessEqual(b, a);
export const logicalAnd = binary("logicalAnd", BOOL, "bool");
export const logicalOr = binary("logicalOr", BOOL, "bool");

/** Elementwise `condition ? a : b`. */
export function where(condition: Tensor, a: TensorLike, b: TensorLike): Tensor {
  const [yes, no] = operands(a, b);
  checkDType("where", BOOL, [condition]);
  checkDType("where", ANY, [yes, no]);
  // ONNX Runtime has no Where for booleans; (condition ∧ a) ∨ (¬condition ∧ b) is equivalent.
  if (yes.dtype === "bool")
    return logicalOr(logicalAnd(condition, yes), logicalAnd(logicalNot(condition), no));
  const shape = broadcastShapes("where", condition.shape, yes.shape, no.shape);
  return emit("where", [condition, yes, no], {}, shape, yes.dtype);
}

/** Limits x to [low, high]. The derivative is 1 inside and at the limits, 0 outside. */
export function clip(x: Tensor, low: TensorLike, high: TensorLike): Tensor {
  if (typeof low !== "number" || typeof high !== "number") return minimum(maximum(x, low), high);
  checkDType("clip", FLOAT, [x]);
  return emit("clip", [x], { low, high }, x.shape);
}

/** Converts the dtype: to `int32` rounding towards zero, to `bool` as x ≠ 0. */
export const cast = (x: Tensor, dtype: DType): Tensor =>
  x.dtype === dtype ? x : emit("cast", [x], { to: dtype }, x.shape, dtype);

/** The same values, treated as constant by `grad`. */
export const stopGradient = (x: Tensor): Tensor => emit("stopGradient", [x], {}, x.shape);
