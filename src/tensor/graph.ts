/**
 * @file The traced graph: symbolic tensors, the nodes that produce them, and the scope they are in.
 * A program is one outermost graph. Each body of a `scan` or `loop` is a nested graph, which may use the tensors
 * of its enclosing graphs. Tracing appends nodes to the innermost open graph.
 */
import { type DType, formatShape, type Shape, ShapeError, sizeOf } from "./shape.js";

type NoAttributes = Record<never, never>;

export type UnaryOp =
  | "neg"
  | "abs"
  | "sign"
  | "positive"
  | "floor"
  | "exp"
  | "log"
  | "log1p"
  | "expm1"
  | "sqrt"
  | "square"
  | "sin"
  | "cos"
  | "tanh"
  | "sigmoid"
  | "softplus"
  | "relu"
  | "elu"
  | "erf"
  | "logicalNot";

export type BinaryOp =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "pow"
  | "minimum"
  | "maximum"
  | "equal"
  | "less"
  | "lessEqual"
  | "logicalAnd"
  | "logicalOr";

export type ReduceOp = "sum" | "mean" | "max" | "min" | "logSumExp";

/** How a kernel slides over images: its step, the zeros around the images, and the distance of its elements. */
export interface Sliding {
  stride: number;
  padding: number;
  dilation: number;
}

/**
 * Every primitive operation with its attributes (its parameters besides the inputs). Executors are tables over these.
 */
export interface OpAttributes
  extends Record<UnaryOp | BinaryOp, NoAttributes>,
    Record<ReduceOp, { axes: number[]; keepDims: boolean }> {
  /** The identity, with a derivative of zero. */
  stopGradient: NoAttributes;
  cast: { to: DType };
  clip: { low: number; high: number };
  /** Inputs: condition, value where true, value where false. */
  where: NoAttributes;
  softmax: { axis: number };
  logSoftmax: { axis: number };
  cumsum: { axis: number; reverse: boolean };
  argmax: { axis: number };
  /** Matrix product of two matrices, either transposed, plus an optional third input that broadcasts. */
  gemm: { transA: boolean; transB: boolean };
  matmul: NoAttributes;
  /** Inputs: images [B, C, H, W] and kernels [O, C, kh, kw]. */
  conv: Sliding;
  /** Indices [B, C, H′, W′] into the flattened images [B, C, H, W]: the first largest element of each square window. */
  argmaxPool: { size: number; stride: number };
  /** The adjoint of `conv` in its images. Inputs: [B, O, H′, W′] and kernels [O, C, kh, kw]; output [B, C, ...`image`]. */
  convTranspose: Sliding & { image: readonly [number, number] };
  transpose: { permutation: number[] };
  reshape: { shape: Shape };
  /** The optional second input is a tensor that has the target shape. */
  broadcastTo: { shape: Shape };
  concat: { axis: number };
  split: { axis: number; sizes: number[] };
  slice: { axis: number; begin: number; end: number };
  /** Zeros before and after along an axis. */
  pad: { axis: number; before: number; after: number };
  gather: { axis: number };
  gatherElements: { axis: number };
  /** Inputs: base, indices, updates. Adds the updates to the base at the indices along an axis. */
  scatterElements: { axis: number };
  /** Inputs: carries, then sequences. Outputs: final carries, then stacked outputs. */
  scan: { carries: number; reverse: boolean };
  /** Inputs: the number of iterations, then carries. Outputs: final carries. */
  loop: NoAttributes;
}

export type Op = keyof OpAttributes;

/** The traced body of a `scan` or `loop`. */
export interface Body {
  readonly graph: Graph;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** The tensors of enclosing graphs that the body uses. */
  readonly captures: readonly Tensor[];
}

/**
 * Maps the cotangents of a node's outputs (null: none) to the cotangents of its dependencies, in the
 * order of {@link dependencies}. Only tensors for which `needed` is true require a cotangent.
 */
export type Pullback = (
  cotangents: readonly (Tensor | null)[],
  node: Node,
  needed: (tensor: Tensor) => boolean,
) => readonly (Tensor | null)[];

/** One application of an operation. Nodes are numbered in the order they are traced. */
export interface Node<O extends Op = Op> {
  readonly id: number;
  readonly op: O;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attributes: OpAttributes[O];
  readonly body?: Body;
  /** The derivative of a node with several outputs; operations with one output have a rule in rules.ts. */
  readonly pullback?: Pullback;
}

let counter = 0;

/**
 * A symbolic tensor: a shape, a dtype and where its value comes from. The value exists only when a
 * program runs, except for constants, which carry theirs.
 */
export class Tensor {
  /** @internal */
  readonly id = counter++;
  /** @internal The node that computes this tensor; null for inputs and constants. */
  node: Node | null = null;

  /** @internal Use the operations, `constant` or `program` instead. */
  constructor(
    readonly shape: Shape,
    readonly dtype: DType,
    /** @internal The graph it belongs to; null for constants, which every graph may use. */
    readonly graph: Graph | null,
    /** @internal The values of a constant. */
    readonly data: ArrayLike<number> | null = null,
    /** @internal The name of a constant in the file of a model. */
    readonly name?: string,
  ) {}
}

export class Graph {
  readonly nodes: Node[] = [];
  /** Outputs, keyed by operation, inputs and attributes, so that the same computation is traced once. */
  readonly known = new Map<string, readonly Tensor[]>();

  constructor(readonly parent: Graph | null) {}

  /** True when tensors of `graph` may be used in this one. */
  sees(graph: Graph | null): boolean {
    return graph === null || graph === this || (this.parent?.sees(graph) ?? false);
  }
}

let current: Graph | null = null;

/** The innermost graph being traced. Throws outside of `program`. */
function currentGraph(operation: string): Graph {
  if (current === null) {
    throw new Error(`${operation}: operations on tensors only work inside the function given to program()`);
  }
  return current;
}

/** Runs `build` with a new graph open, nested in the one that is open now. */
export function inNewGraph<R>(build: (graph: Graph) => R, parent: Graph | null = current): R {
  const outer = current;
  current = new Graph(parent);
  try {
    return build(current);
  } finally {
    current = outer;
  }
}

type TensorType = Pick<Tensor, "shape" | "dtype">;

/** Appends a node to the open graph and returns its outputs. An existing node that computes the same is reused. */
export function emitAll<O extends Op>(
  op: O,
  inputs: readonly Tensor[],
  attributes: OpAttributes[O],
  outputs: readonly TensorType[],
  control: Pick<Node, "body" | "pullback"> = {},
): readonly Tensor[] {
  const graph = currentGraph(op);
  for (const input of inputs) {
    if (!graph.sees(input.graph)) {
      throw new Error(
        `${op}: a tensor of shape ${formatShape(input.shape)} belongs to another program, ` +
          "or to the body of a scan or loop that has ended; return it from that body instead",
      );
    }
  }
  const key = control.body
    ? null
    : `${op} ${inputs.map((input) => input.id).join()} ${JSON.stringify(attributes)}`;
  if (key !== null) {
    for (let scope: Graph | null = graph; scope; scope = scope.parent) {
      const known = scope.known.get(key);
      if (known) return known;
    }
  }
  const made = outputs.map((type) => new Tensor(type.shape, type.dtype, graph));
  const node: Node = { id: counter++, op, inputs, outputs: made, attributes, ...control };
  for (const tensor of made) tensor.node = node;
  graph.nodes.push(node);
  if (key !== null) graph.known.set(key, made);
  return made;
}

/** {@link emitAll} for operations with one output. */
export const emit = <O extends Op>(
  op: O,
  inputs: readonly Tensor[],
  attributes: OpAttributes[O],
  shape: Shape,
  dtype: DType = inputs[0].dtype,
): Tensor => emitAll(op, inputs, attributes, [{ shape, dtype }])[0];

/** Traces the body of a control structure in a graph of its own. */
export function traceBody(
  inputs: readonly TensorType[],
  build: (inputs: Tensor[], graph: Graph) => readonly Tensor[],
): Body {
  return inNewGraph((graph) => {
    const made = inputs.map((type) => new Tensor(type.shape, type.dtype, graph));
    const outputs = build(made, graph);
    const used = [...graph.nodes.flatMap(dependencies), ...outputs];
    const captures = [...new Set(used.filter((tensor) => tensor.graph !== graph))];
    return { graph, inputs: made, outputs, captures };
  });
}

/** The tensors that a node depends on: its inputs, and the captures of its body. */
export const dependencies = (node: Node): readonly Tensor[] =>
  node.body ? [...node.inputs, ...node.body.captures] : node.inputs;

/** A tensor, or a number that stands for a scalar of the dtype the operation needs. */
export type TensorLike = Tensor | number;

type ConstantData = number | readonly number[] | Float32Array | Float64Array | Int32Array | Uint8Array;

/** A constant with every element equal to `value`. Equal constants are shared within a program. */
export function full(shape: readonly number[], value: number, dtype: DType = "float32"): Tensor {
  const make = (): Tensor =>
    new Tensor([...shape], dtype, null, new Float64Array(sizeOf(shape) as number).fill(value));
  if (current === null) return make();
  let root = current;
  while (root.parent) root = root.parent;
  const key = `full ${shape} ${dtype} ${Object.is(value, -0) ? "-0" : value}`;
  const known = root.known.get(key) ?? [make()];
  root.known.set(key, known);
  return known[0];
}

export const zeros = (shape: readonly number[], dtype: DType = "float32"): Tensor => full(shape, 0, dtype);
export const ones = (shape: readonly number[], dtype: DType = "float32"): Tensor => full(shape, 1, dtype);

/**
 * A tensor with known values, stored in the program. `shape` defaults to `[]` for a number and
 * `[data.length]` for a list; `dtype` defaults to `int32` for an `Int32Array` and to `float32` otherwise. The model file
 * of a program has a tensor of several numbers under its `name`.
 */
export function constant(
  data: ConstantData,
  shape?: readonly number[],
  dtype?: DType,
  name?: string,
): Tensor {
  const type = dtype ?? (data instanceof Int32Array ? "int32" : "float32");
  if (typeof data === "number") return full(shape ?? [], data, type);
  const dims = shape ?? [data.length];
  if (sizeOf(dims) !== data.length) {
    throw new ShapeError(`constant: ${data.length} values do not fill shape ${formatShape(dims)}`);
  }
  return dims.length === 0 ? full([], data[0], type) : new Tensor([...dims], type, null, data.slice(), name);
}

/** The integers 0 … n − 1 as `int32`. */
export const arange = (n: number): Tensor => constant(Int32Array.from({ length: n }, (_, i) => i));

/** The value of a scalar constant, or null for any other tensor. */
export const scalarValue = (tensor: Tensor): number | null =>
  tensor.data !== null && tensor.shape.length === 0 ? tensor.data[0] : null;
