/** @file Every operation on small inputs, for the tests of values and gradients. */
import * as t from "../../src/tensor/index.js";
import { elements, type Feeds, numbers } from "./support.js";

export interface Case {
  title: string;
  inputs: { shape: number[]; low?: number; high?: number }[];
  build: (...inputs: t.Tensor[]) => t.Tensor;
}

type Unary = (x: t.Tensor) => t.Tensor;
type Binary = (a: t.Tensor, b: t.Tensor) => t.Tensor;

const unary = (name: string, build: Unary, low?: number, high?: number): Case => ({
  title: name,
  inputs: [{ shape: [3, 4], low, high }],
  build,
});

const binary = (name: string, build: Binary, low?: number, high?: number): Case[] =>
  [
    [
      [2, 3],
      [2, 3],
    ],
    [[2, 3], [3]],
    [
      [2, 1],
      [4, 1, 3],
    ],
    [[], [2, 2]],
  ].map(([a, b]) => ({
    title: `${name} of [${a}] and [${b}]`,
    inputs: [
      { shape: a, low, high },
      { shape: b, low, high },
    ],
    build,
  }));

const indices = (...values: number[]): t.Tensor => t.constant(Int32Array.from(values));

/** All differentiable operations. Inputs stay away from points without a derivative. */
export const cases: Case[] = [
  unary("neg", t.neg),
  unary("abs", t.abs),
  unary("exp", t.exp),
  unary("log", t.log, 0.2, 3),
  unary("log1p", t.log1p, -0.8, 3),
  unary("expm1", t.expm1),
  unary("sqrt", t.sqrt, 0.2, 3),
  unary("square", t.square),
  unary("sin", t.sin),
  unary("cos", t.cos),
  unary("tanh", t.tanh),
  unary("sigmoid", t.sigmoid),
  unary("softplus", t.softplus),
  unary("relu", t.relu),
  unary("elu", t.elu),
  unary("gelu", t.gelu),
  unary("erf", t.erf),
  unary("clip between numbers", (x) => t.clip(x, -0.5, 1)),
  unary("a power", (x) => t.pow(x, 2.5), 0.2, 2),
  unary("a number to a power", (x) => t.pow(1.7, x)),
  unary("where with a constant", (x) => t.where(t.greater(x, 0.1), t.mul(x, x), -1)),
  unary("stopGradient of a factor", (x) => t.mul(t.stopGradient(t.mul(2, 3)), x)),
  ...binary("add", t.add),
  ...binary("sub", t.sub),
  ...binary("mul", t.mul),
  ...binary("div", t.div, 0.5, 2),
  ...binary("pow", t.pow, 0.5, 2),
  ...binary("minimum", t.minimum),
  ...binary("maximum", t.maximum),
  ...binary("where", (a, b) => t.where(t.less(a, b), t.mul(a, 2), b)),
  {
    title: "clip between tensors",
    inputs: [{ shape: [2, 3] }, { shape: [3], low: -1, high: -0.5 }, { shape: [2, 1], low: 0.5, high: 1 }],
    build: (x, low, high) => t.clip(x, low, high),
  },
  {
    title: "linear of matrices",
    inputs: [{ shape: [3, 2] }, { shape: [2, 4] }, { shape: [4] }],
    build: (x, w, b) => t.linear(x, w, b),
  },
  {
    title: "linear of a sequence of matrices",
    inputs: [{ shape: [2, 3, 2] }, { shape: [2, 4] }, { shape: [4] }],
    build: (x, w, b) => t.linear(x, w, b),
  },
  {
    title: "linear of a vector",
    inputs: [{ shape: [3] }, { shape: [3, 2] }],
    build: (x, w) => t.linear(x, w),
  },
  { title: "matmul of matrices", inputs: [{ shape: [3, 2] }, { shape: [2, 4] }], build: t.matmul },
  { title: "matmul of batches", inputs: [{ shape: [2, 3, 2] }, { shape: [2, 2, 4] }], build: t.matmul },
  {
    title: "matmul that broadcasts",
    inputs: [{ shape: [3, 1, 2, 3] }, { shape: [2, 3, 2] }],
    build: t.matmul,
  },
  { title: "matmul with a matrix", inputs: [{ shape: [2, 3] }, { shape: [2, 3, 2] }], build: t.matmul },
  unary("transpose", (x) => t.transpose(x)),
  {
    title: "transpose by a permutation",
    inputs: [{ shape: [2, 3, 4] }],
    build: (x) => t.transpose(x, [2, 0, 1]),
  },
  unary("reshape", (x) => t.reshape(x, [2, -1])),
  { title: "broadcastTo", inputs: [{ shape: [3, 1] }], build: (x) => t.broadcastTo(x, [2, 3, 4]) },
  {
    title: "concat",
    inputs: [{ shape: [2, 1] }, { shape: [2, 3] }],
    build: (a, b) => t.concat([a, b, a], -1),
  },
  { title: "stack", inputs: [{ shape: [2, 3] }, { shape: [2, 3] }], build: (a, b) => t.stack([a, b], 1) },
  unary("split", (x) => {
    const [, middle, last] = t.split(x, [1, 1, 2], 1);
    return t.mul(middle, last);
  }),
  unary("slice", (x) => t.slice(x, 1, -1, 1)),
  unary("pad", (x) => t.pad(x, 1, 2, 1)),
  unary("squeeze of expandDims", (x) => t.squeeze(t.expandDims(x, 1), 1)),
  unary("gather with repeated indices", (x) => t.gather(x, t.reshape(indices(2, 0, 2, 1), [2, 2]), 1)),
  unary("gather of one row", (x) => t.gather(x, t.constant(1, [], "int32"))),
  unary("takeAlongAxis", (x) => t.takeAlongAxis(x, t.reshape(indices(0, 3, 3), [3, 1]), 1)),
  {
    title: "addAlongAxis",
    inputs: [{ shape: [3, 4] }, { shape: [3, 2] }],
    build: (base, updates) => t.addAlongAxis(base, t.reshape(indices(0, 0, 3, 1, 2, 2), [3, 2]), updates, 1),
  },
  {
    title: "scatterAdd into a base",
    inputs: [{ shape: [3, 4] }, { shape: [3, 2, 2] }],
    build: (base, updates) => t.scatterAdd(base, t.reshape(indices(0, 3, 0, 1), [2, 2]), updates, 1),
  },
  {
    title: "scatterAdd into zeros",
    inputs: [{ shape: [3, 4] }],
    build: (updates) => t.scatterAdd([2, 4], indices(1, 0, 1), updates),
  },
  unary("sum of all", (x) => t.sum(x)),
  unary("sum of rows", (x) => t.sum(x, 1)),
  unary("sum of columns", (x) => t.sum(x, 0)),
  unary("sum of columns, kept", (x) => t.sum(x, 0, { keepDims: true })),
  { title: "sum over outer axes", inputs: [{ shape: [2, 3, 4] }], build: (x) => t.sum(x, [0, 2]) },
  unary("mean", (x) => t.mean(x, 1)),
  unary("max", (x) => t.max(x, 0)),
  unary("min, kept", (x) => t.min(x, -1, { keepDims: true })),
  unary("variance", (x) => t.variance(x, 1)),
  unary("logSumExp", (x) => t.logSumExp(x, 1)),
  unary("softmax", (x) => t.softmax(x)),
  unary("softmax of columns", (x) => t.softmax(x, 0)),
  unary("logSoftmax", (x) => t.logSoftmax(x)),
  unary("cumsum", (x) => t.cumsum(x, 1)),
  unary("cumsum from the end", (x) => t.cumsum(x, 0, { reverse: true })),
  {
    title: "conv2d",
    inputs: [{ shape: [2, 2, 4, 5] }, { shape: [3, 2, 2, 3] }],
    build: (x, w) => t.conv2d(x, w),
  },
  {
    title: "conv2d with stride and padding",
    inputs: [{ shape: [1, 2, 5, 4] }, { shape: [2, 2, 3, 3] }],
    build: (x, w) => t.conv2d(x, w, { stride: 2, padding: 1 }),
  },
  { title: "maxPool2d", inputs: [{ shape: [2, 2, 4, 5] }], build: (x) => t.maxPool2d(x, { size: 2 }) },
  {
    title: "maxPool2d with overlap",
    inputs: [{ shape: [1, 1, 4, 4] }],
    build: (x) => t.maxPool2d(x, { size: 3, stride: 1 }),
  },
  {
    title: "scan",
    inputs: [{ shape: [2, 3] }, { shape: [4, 2, 3] }, { shape: [3, 3] }, { shape: [3] }],
    build: (h, xs, w, b) => {
      const { carry, outputs } = t.scan([h], [xs], ([state], [x]) => {
        const next = t.tanh(t.add(t.linear(state, w, b), t.mul(x, t.sum(b))));
        return { carry: [next], outputs: [t.mul(next, x)] };
      });
      return t.add(carry[0], t.sum(outputs[0], 0));
    },
  },
  {
    title: "conv2d with a kernel of many places",
    inputs: [{ shape: [2, 1, 5, 6] }, { shape: [2, 1, 4, 3] }],
    build: (x, w) => t.conv2d(x, w, { padding: 1 }),
  },
  {
    title: "conv2d whose windows do not reach the border",
    inputs: [{ shape: [2, 1, 6, 5] }, { shape: [1, 1, 2, 2] }],
    build: (x, w) => t.conv2d(x, w, { stride: 3 }),
  },
];

export const inputName = (i: number): string => `x${i}`;
export const specs = ({ inputs }: Case) =>
  Object.fromEntries(inputs.map(({ shape }, i) => [inputName(i), t.float32(shape)]));

/** Inputs of a case; distinct cases get distinct numbers. */
export const data = ({ inputs }: Case, stream: number): Feeds =>
  Object.fromEntries(
    inputs.map(({ shape, low, high }, i) => [
      inputName(i),
      numbers(elements(shape), low, high, stream + i / 7),
    ]),
  );

/** A scalar in which every element of y counts differently. */
function weighted(y: t.Tensor): t.Tensor {
  const shape = y.shape as number[];
  return t.sum(t.mul(y, t.constant(numbers(elements(shape), -1, 1, 5), shape)));
}

const arguments_ = (example: Case, inputs: Record<string, t.Tensor>): t.Tensor[] =>
  example.inputs.map((_, i) => inputs[inputName(i)]);

/** The value, a scalar of it, its gradients, a scalar of those, and its gradients. */
export function derivatives(example: Case, inputs: Record<string, t.Tensor>): Record<string, t.Tensor> {
  const wrt = arguments_(example, inputs);
  const y = example.build(...wrt);
  const first = t.grad(weighted(y), wrt);
  const penalty = first.map((g) => t.sum(t.square(g))).reduce(t.add);
  const second = t.grad(penalty, wrt);
  const list = (name: string, tensors: t.Tensor[]) => tensors.map((tensor, i) => [`${name}${i}`, tensor]);
  return Object.fromEntries([
    ["y", y],
    ["loss", weighted(y)],
    ["penalty", penalty],
    ...list("first", first),
    ...list("second", second),
  ]);
}

/** One program that holds all the cases and their derivatives, so that one session is compiled. */
export function everyCase(): { program: t.Program; feeds: Feeds } {
  const all: Record<string, t.InputSpec> = {};
  const feeds: Feeds = {};
  cases.forEach((example, i) => {
    for (const [name, spec] of Object.entries(specs(example))) all[`${i} ${name}`] = spec;
    for (const [name, array] of Object.entries(data(example, i))) feeds[`${i} ${name}`] = array;
  });
  const program = t.program(all, (inputs) => {
    const outputs: Record<string, t.Tensor> = {};
    cases.forEach((example, i) => {
      const own = Object.fromEntries(
        example.inputs.map((_, k) => [inputName(k), inputs[`${i} ${inputName(k)}`]]),
      );
      for (const [name, tensor] of Object.entries(derivatives(example, own))) {
        outputs[`${example.title}: ${name}`] = tensor;
      }
    });
    return outputs;
  });
  return { program, feeds };
}
