/**
 * @file The reference executor, for tests: plain loops in double precision, written for clarity.
 * Tests compare ONNX Runtime with it and take finite differences of it.
 */
import type { BinaryOp, Op, OpAttributes, ReduceOp, Sliding, Tensor, UnaryOp } from "./graph.js";
import type { Plan, PlannedNode } from "./plan.js";
import { source } from "./plan.js";
import { binary, unary } from "./scalars.js";
import { broadcastShapes, type DType } from "./shape.js";

export interface Value {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

const count = (shape: readonly number[]): number => shape.reduce((product, dim) => product * dim, 1);

/** Builds a value element by element from a function of the index. */
function tabulate(shape: readonly number[], element: (index: number[]) => number): Value {
  const data = new Float64Array(count(shape));
  const index = shape.map(() => 0);
  for (let n = 0; n < data.length; n++) {
    data[n] = element(index);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
  return { shape, data };
}

/** Reads a value at an index of a shape that it broadcasts to. */
function at({ shape, data }: Value, index: readonly number[]): number {
  let offset = 0;
  for (let axis = 0, other = index.length - shape.length; axis < shape.length; axis++, other++) {
    offset = offset * shape[axis] + (shape[axis] === 1 ? 0 : index[other]);
  }
  return data[offset];
}

const broadcast = (...values: Value[]): number[] =>
  broadcastShapes("interpret", ...values.map((value) => value.shape)) as number[];

/** `index` with the entries at `axes` replaced by `entries`, in order. */
function substitute(index: readonly number[], axes: readonly number[], entries: readonly number[]): number[] {
  const result = [...index];
  axes.forEach((axis, i) => {
    result[axis] = entries[i];
  });
  return result;
}

function reduce(
  x: Value,
  axes: readonly number[],
  keepDims: boolean,
  combine: (xs: number[]) => number,
): Value {
  const kept = x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  const over = axes.map((axis) => x.shape[axis]);
  const result = tabulate(kept, (index) => {
    const group: number[] = [];
    tabulate(over, (entries) => group.push(at(x, substitute(index, axes, entries))));
    return combine(group);
  });
  return keepDims ? result : { shape: kept.filter((_, axis) => !axes.includes(axis)), data: result.data };
}

/** Applies a function to each line along an axis. */
function alongAxis(x: Value, axis: number, line: (xs: number[]) => number[]): Value {
  return tabulate(x.shape, (index) => {
    const xs = Array.from({ length: x.shape[axis] }, (_, i) => at(x, index.with(axis, i)));
    return line(xs)[index[axis]];
  });
}

const sum = (xs: readonly number[]): number => xs.reduce((total, x) => total + x, 0);

function logSumExp(xs: readonly number[]): number {
  const largest = Math.max(...xs);
  return Number.isFinite(largest) ? largest + Math.log(sum(xs.map((x) => Math.exp(x - largest)))) : largest;
}

const reducers: Record<ReduceOp, (xs: number[]) => number> = {
  sum,
  mean: (xs) => sum(xs) / xs.length,
  max: (xs) => Math.max(...xs),
  min: (xs) => Math.min(...xs),
  logSumExp,
};

const runningSum = (xs: readonly number[]): number[] => xs.map((_, i) => sum(xs.slice(0, i + 1)));

/** The start offset of each part, for consecutive parts of these sizes. */
const begins = (sizes: readonly number[]): number[] => sizes.map((_, i) => sum(sizes.slice(0, i)));

const casts: Record<DType, (x: number) => number> = {
  float32: (x) => x,
  int32: Math.trunc,
  bool: (x) => (x === 0 ? 0 : 1),
};

function matmul(a: Value, b: Value): Value {
  const inner = a.shape.at(-1)!;
  const batch = broadcastShapes("interpret", a.shape.slice(0, -2), b.shape.slice(0, -2)) as number[];
  return tabulate([...batch, a.shape.at(-2)!, b.shape.at(-1)!], (index) => {
    const [row, column] = index.slice(-2);
    const outer = index.slice(0, -2);
    let total = 0;
    for (let k = 0; k < inner; k++) total += at(a, [...outer, row, k]) * at(b, [...outer, k, column]);
    return total;
  });
}

/** Adds each product that a kernel element contributes to a convolution: at an image, a place of the kernel and an output. */
function slide(
  { stride, padding, dilation }: Sliding,
  [images, channels, height, width]: readonly number[],
  [filters, , rows, columns]: readonly number[],
  [, , places, across]: readonly number[],
  visit: (image: number, kernel: number, output: number) => void,
): void {
  const over = [images, filters, places, across, channels, rows, columns];
  tabulate(over, ([b, o, p, q, c, i, j]) => {
    const [y, x] = [p * stride + i * dilation - padding, q * stride + j * dilation - padding];
    if (y < 0 || y >= height || x < 0 || x >= width) return 0;
    visit(
      ((b * channels + c) * height + y) * width + x,
      ((o * channels + c) * rows + i) * columns + j,
      ((b * filters + o) * places + p) * across + q,
    );
    return 0;
  });
}

const transpose = (x: Value, permutation: readonly number[]): Value =>
  tabulate(
    permutation.map((axis) => x.shape[axis]),
    (index) => at(x, substitute(index, permutation, index)),
  );

const add = (a: Value, b: Value): Value => tabulate(broadcast(a, b), (index) => at(a, index) + at(b, index));

/** `size` elements of an axis from `begin` on; zero outside the tensor. */
const window = (x: Value, axis: number, begin: number, size: number): Value =>
  tabulate(x.shape.with(axis, size), (index) => {
    const i = index[axis] + begin;
    return i >= 0 && i < x.shape[axis] ? at(x, index.with(axis, i)) : 0;
  });

function concat(xs: readonly Value[], axis: number): Value {
  const sizes = xs.map((x) => x.shape[axis]);
  const begin = begins(sizes);
  return xs.map((x, i) => window(x, axis, -begin[i], sum(sizes))).reduce(add);
}

/** The non-negative form of an index; negative indices count from the end. */
const wrap = (index: number, size: number): number => (index < 0 ? index + size : index);

type Kernel<O extends Op> = (inputs: readonly Value[], attributes: OpAttributes[O], output: Tensor) => Value;
type SingleOp = Exclude<Op, "stopGradient" | "split" | "scan" | "loop">;

/** Elementwise kernels, made from a table of functions on numbers. */
const each = <O extends Op, F>(
  functions: Record<O, F>,
  kernel: (f: F, op: O) => Kernel<O>,
): Record<O, Kernel<O>> => {
  const entries = (Object.entries(functions) as [O, F][]).map(([op, f]) => [op, kernel(f, op)]);
  return Object.fromEntries(entries) as Record<O, Kernel<O>>;
};

const kernels: { [O in SingleOp]: Kernel<O> } = {
  ...each<UnaryOp, (x: number) => number>(unary, (f) => ([x]) => ({ shape: x.shape, data: x.data.map(f) })),
  ...each<BinaryOp, (a: number, b: number) => number>(binary, (f) => ([a, b], _, output) => {
    const round = casts[output.dtype]; // integer division
    return tabulate(broadcast(a, b), (index) => round(f(at(a, index), at(b, index))));
  }),
  ...each<ReduceOp, (xs: number[]) => number>(
    reducers,
    (f) =>
      ([x], { axes, keepDims }) =>
        reduce(x, axes, keepDims, f),
  ),
  where: ([c, a, b]) => tabulate(broadcast(c, a, b), (index) => (at(c, index) ? at(a, index) : at(b, index))),
  clip: ([x], { low, high }) => ({
    shape: x.shape,
    data: x.data.map((v) => Math.min(Math.max(v, low), high)),
  }),
  cast: ([x], { to }) => ({ shape: x.shape, data: x.data.map(casts[to]) }),
  softmax: ([x], { axis }) => alongAxis(x, axis, (xs) => xs.map((v) => Math.exp(v - logSumExp(xs)))),
  logSoftmax: ([x], { axis }) => alongAxis(x, axis, (xs) => xs.map((v) => v - logSumExp(xs))),
  cumsum: ([x], { axis, reverse }) =>
    alongAxis(x, axis, (xs) => (reverse ? runningSum(xs.toReversed()).reverse() : runningSum(xs))),
  argmax: ([x], { axis }) => reduce(x, [axis], false, (xs) => xs.indexOf(Math.max(...xs))),
  gemm: ([a, b, c], { transA, transB }) => {
    const product = matmul(transA ? transpose(a, [1, 0]) : a, transB ? transpose(b, [1, 0]) : b);
    return c ? add(product, c) : product;
  },
  matmul: ([a, b]) => matmul(a, b),
  argmaxPool: ([x], { size, stride }, output) => {
    const [images, channels, height, width] = x.shape;
    return tabulate([images, channels, ...(output.shape.slice(2) as number[])], ([b, c, p, q]) => {
      let best = -1;
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          const place = ((b * channels + c) * height + p * stride + i) * width + q * stride + j;
          if (best < 0 || x.data[place] > x.data[best]) best = place;
        }
      }
      return best;
    });
  },
  conv: ([x, w], sliding, output) => {
    const shape = [x.shape[0], w.shape[0], ...(output.shape.slice(2) as number[])];
    const result = { shape, data: new Float64Array(count(shape)) };
    slide(sliding, x.shape, w.shape, shape, (image, kernel, place) => {
      result.data[place] += x.data[image] * w.data[kernel];
    });
    return result;
  },
  convTranspose: ([g, w], { image, ...sliding }) => {
    const shape = [g.shape[0], w.shape[1], ...image];
    const result = { shape, data: new Float64Array(count(shape)) };
    slide(sliding, shape, w.shape, g.shape, (at, kernel, place) => {
      result.data[at] += g.data[place] * w.data[kernel];
    });
    return result;
  },
  transpose: ([x], { permutation }) => transpose(x, permutation),
  reshape: ([x], { shape }) => {
    const known = count(shape.filter((dim) => typeof dim === "number"));
    return {
      shape: shape.map((dim) => (typeof dim === "number" ? dim : x.data.length / known)),
      data: x.data,
    };
  },
  broadcastTo: ([x, like], { shape }) => {
    const offset = shape.length - x.shape.length;
    const target =
      like?.shape ?? shape.map((dim, i) => (typeof dim === "number" ? dim : x.shape[i - offset]));
    return tabulate(target, (index) => at(x, index));
  },
  concat: (xs, { axis }) => concat(xs, axis),
  slice: ([x], { axis, begin, end }) => window(x, axis, begin, end - begin),
  pad: ([x], { axis, before, after }) => window(x, axis, -before, before + x.shape[axis] + after),
  gather: ([x, indices], { axis }) =>
    tabulate(x.shape.toSpliced(axis, 1, ...indices.shape), (index) => {
      const rank = indices.shape.length;
      const chosen = at(indices, index.slice(axis, axis + rank));
      return at(x, index.toSpliced(axis, rank, wrap(chosen, x.shape[axis])));
    }),
  gatherElements: ([x, indices], { axis }) =>
    tabulate(indices.shape, (index) => at(x, index.with(axis, wrap(at(indices, index), x.shape[axis])))),
  scatterElements: ([base, indices, updates], { axis }) => {
    const result = { shape: base.shape, data: base.data.slice() };
    tabulate(indices.shape, (index) => {
      const target = index.with(axis, wrap(at(indices, index), base.shape[axis]));
      const offset = target.reduce((sofar, i, d) => sofar * base.shape[d] + i, 0);
      result.data[offset] += at(updates, index);
      return 0;
    });
    return result;
  },
};

type Environment = (tensor: Tensor) => Value;

function runNode({ node, outputs, body }: PlannedNode, read: Environment): readonly Value[] {
  const inputs = node.inputs.map((input) => read(source(input)));
  switch (node.op) {
    case "split": {
      const { axis, sizes } = node.attributes as OpAttributes["split"];
      const begin = begins(sizes);
      return sizes.map((size, i) => window(inputs[0], axis, begin[i], size));
    }
    case "loop": {
      let carry = inputs.slice(1);
      const times = inputs[0].data[0];
      for (let i = 0; i < times; i++) {
        const counter = { shape: [], data: Float64Array.of(i) };
        carry = runPlan(body!, node.body!.inputs, [counter, ...carry], read);
      }
      return carry;
    }
    case "scan": {
      const { carries, reverse } = node.attributes as OpAttributes["scan"];
      const xs = inputs.slice(carries);
      const [steps] = xs[0].shape;
      let carry = inputs.slice(0, carries);
      const rows: (readonly Value[])[] = [];
      for (let step = 0; step < steps; step++) {
        const t = reverse ? steps - 1 - step : step;
        const x = xs.map(({ shape, data }) => {
          const size = data.length / steps;
          return { shape: shape.slice(1), data: data.slice(t * size, (t + 1) * size) };
        });
        const results = runPlan(body!, node.body!.inputs, [...carry, ...x], read);
        carry = results.slice(0, carries);
        rows[t] = results.slice(carries);
      }
      const stacked = outputs.slice(carries).map((_, i) => {
        const parts = rows.map((row) => row[i]);
        return {
          shape: [steps, ...parts[0].shape],
          data: Float64Array.from(parts.flatMap((part) => [...part.data])),
        };
      });
      return [...carry, ...stacked];
    }
    default: {
      const kernel = kernels[node.op as SingleOp] as Kernel<Op>;
      return [kernel(inputs, node.attributes, node.outputs[0])];
    }
  }
}

/** Runs a plan on the values of its graph's inputs; values of captured tensors are read from `outer`. */
export function runPlan(
  plan: Plan,
  inputs: readonly Tensor[],
  values: readonly Value[],
  outer: Environment = (tensor) => {
    throw new Error(`interpret: no value for a tensor of shape ${tensor.shape}`);
  },
): Value[] {
  const known = new Map<Tensor, Value>(inputs.map((input, i) => [input, values[i]]));
  const read = (tensor: Tensor): Value => {
    if (tensor.data)
      return { shape: tensor.shape as readonly number[], data: Float64Array.from(tensor.data) };
    return known.get(tensor) ?? outer(tensor);
  };
  for (const planned of plan.nodes) {
    const results = runNode(planned, read);
    planned.outputs.forEach((output, i) => {
      known.set(output, results[i]);
    });
  }
  return plan.outputs.map(read);
}
