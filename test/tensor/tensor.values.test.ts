/** @file The value of every operation, against values by hand. */
import { describe, expect, test } from "vitest";
import * as t from "../../src/tensor/index.js";
import { erf } from "../../src/tensor/scalars.js";
import { evaluate, expectClose, expectRunsLikeInterpreter } from "./support.js";

const list = (...values: number[]): t.Tensor => t.constant(values);
const matrix = (...rows: number[][]): t.Tensor => t.constant(rows.flat(), [rows.length, rows[0].length]);
const ints = (...values: number[]): t.Tensor => t.constant(Int32Array.from(values));
const bools = (...values: number[]): t.Tensor => t.constant(values, [values.length], "bool");
const image = t.arange(16);

const expected: [title: string, build: () => t.Tensor, values: number[]][] = [
  ["neg", () => t.neg(list(1, -2)), [-1, 2]],
  ["abs", () => t.abs(list(1, -2)), [1, 2]],
  ["sign", () => t.sign(list(3, 0, -2)), [1, 0, -1]],
  ["positive", () => t.positive(list(3, 1e-37, 0, -1e-37, -2)), [1, 1, 0, 0, 0]],
  ["floor", () => t.floor(list(1.5, -1.5)), [1, -2]],
  ["exp", () => t.exp(list(0, 1)), [1, Math.E]],
  ["log", () => t.log(list(1, Math.E)), [0, 1]],
  ["log1p", () => t.log1p(list(0, Math.E - 1)), [0, 1]],
  ["expm1", () => t.expm1(list(0, 1)), [0, Math.E - 1]],
  ["sqrt", () => t.sqrt(list(4, 9)), [2, 3]],
  ["square", () => t.square(list(4, -3)), [16, 9]],
  ["sin", () => t.sin(list(0, Math.PI / 2)), [0, 1]],
  ["cos", () => t.cos(list(0, Math.PI)), [1, -1]],
  ["tanh", () => t.tanh(list(0, Math.log(2))), [0, 0.6]],
  ["sigmoid", () => t.sigmoid(list(0, Math.log(3))), [0.5, 0.75]],
  ["softplus", () => t.softplus(list(0, Math.log(3))), [Math.LN2, Math.log(4)]],
  ["relu", () => t.relu(list(-1, 2)), [0, 2]],
  ["elu", () => t.elu(list(-Math.LN2, 2)), [-0.5, 2]],
  ["erf", () => t.erf(list(0, 1, -2)), [0, 0.8427007929497149, -0.9953222650189527]],
  ["gelu", () => t.gelu(list(0, 1)), [0, 0.8413447460685429]],
  ["add with a number", () => t.add(list(1, 2), 3), [4, 5]],
  ["add of integers and a number", () => t.add(ints(1, 2), 3), [4, 5]],
  ["sub that broadcasts", () => t.sub(matrix([1], [2]), list(1, 3)), [0, -2, 1, -1]],
  ["mul", () => t.mul(list(2, 3), list(4, 5)), [8, 15]],
  ["div", () => t.div(list(1, 3), 2), [0.5, 1.5]],
  ["div of integers", () => t.div(ints(7, -7), ints(2, 2)), [3, -3]],
  ["pow", () => t.pow(list(2, 3), list(3, 2)), [8, 9]],
  ["minimum", () => t.minimum(list(1, 5), 3), [1, 3]],
  ["maximum", () => t.maximum(list(1, 5), 3), [3, 5]],
  ["clip", () => t.clip(list(-2, 0.5, 2), -1, 1), [-1, 0.5, 1]],
  ["equal", () => t.equal(ints(1, 2), 2), [0, 1]],
  ["equal of booleans", () => t.equal(bools(1, 0), bools(1, 1)), [1, 0]],
  ["notEqual", () => t.notEqual(list(1, 2), 2), [1, 0]],
  ["less", () => t.less(list(1, 2, 3), 2), [1, 0, 0]],
  ["lessEqual", () => t.lessEqual(list(1, 2, 3), 2), [1, 1, 0]],
  ["greater", () => t.greater(list(1, 2, 3), 2), [0, 0, 1]],
  ["greaterEqual", () => t.greaterEqual(ints(1, 2, 3), 2), [0, 1, 1]],
  ["logicalAnd", () => t.logicalAnd(bools(0, 1, 1), bools(1, 0, 1)), [0, 0, 1]],
  ["logicalOr", () => t.logicalOr(bools(0, 1, 0), bools(1, 0, 0)), [1, 1, 0]],
  ["logicalNot", () => t.logicalNot(bools(0, 1)), [1, 0]],
  ["where", () => t.where(bools(0, 1), list(1, 2), 9), [9, 2]],
  ["where of integers", () => t.where(bools(0, 1), ints(1, 2), 9), [9, 2]],
  ["where of booleans", () => t.where(bools(0, 1, 1), bools(1, 1, 0), bools(1, 0, 1)), [1, 1, 0]],
  ["cast to integers", () => t.cast(list(1.7, -1.7), "int32"), [1, -1]],
  ["cast to booleans", () => t.cast(list(0, 0.2), "bool"), [0, 1]],
  ["cast to floats", () => t.cast(bools(0, 1), "float32"), [0, 1]],
  ["linear", () => t.linear(matrix([1, 2]), matrix([1, 2], [3, 4]), list(10, 20)), [17, 30]],
  ["matmul", () => t.matmul(matrix([1, 2], [3, 4]), matrix([5, 6], [7, 8])), [19, 22, 43, 50]],
  [
    "matmul of batches",
    () => t.matmul(t.constant([1, 2, 3, 4], [2, 1, 2]), t.constant([5, 6, 7, 8], [2, 2, 1])),
    [17, 53],
  ],
  ["transpose", () => t.transpose(matrix([1, 2, 3], [4, 5, 6])), [1, 4, 2, 5, 3, 6]],
  ["transpose of integers", () => t.transpose(t.reshape(t.arange(4), [2, 2])), [0, 2, 1, 3]],
  ["reshape", () => t.sum(t.reshape(t.arange(6), [-1, 3]), 1), [3, 12]],
  ["broadcastTo", () => t.broadcastTo(list(1, 2), [2, 2]), [1, 2, 1, 2]],
  ["broadcastTo of booleans", () => t.broadcastTo(bools(0, 1), [2, 2]), [0, 1, 0, 1]],
  ["concat", () => t.concat([matrix([1], [2]), matrix([3, 4], [5, 6])], 1), [1, 3, 4, 2, 5, 6]],
  ["concat of booleans", () => t.concat([bools(0, 1), bools(1)]), [0, 1, 1]],
  ["stack", () => t.stack([list(1, 2), list(3, 4)], 1), [1, 3, 2, 4]],
  ["split", () => t.split(ints(1, 2, 3), [1, 2])[1], [2, 3]],
  ["split of booleans", () => t.split(bools(0, 1, 1), [1, 2])[1], [1, 1]],
  ["slice", () => t.slice(matrix([1, 2, 3], [4, 5, 6]), 1, 3, 1), [2, 3, 5, 6]],
  ["slice from the end", () => t.slice(ints(1, 2, 3), -2), [2, 3]],
  ["slice of booleans", () => t.slice(bools(1, 0, 1), 0, 2), [1, 0]],
  ["pad", () => t.pad(list(1, 2), 1, 2), [0, 1, 2, 0, 0]],
  ["fillLike", () => t.fillLike(list(1, 2), 7), [7, 7]],
  ["gather", () => t.gather(list(10, 20, 30), ints(2, 0)), [30, 10]],
  ["gather of columns", () => t.gather(matrix([1, 2], [3, 4]), t.constant(1, [], "int32"), 1), [2, 4]],
  ["gather of booleans", () => t.gather(bools(1, 0), ints(1, 0, 0)), [0, 1, 1]],
  ["takeAlongAxis", () => t.takeAlongAxis(matrix([1, 2], [3, 4]), t.reshape(ints(1, 0), [2, 1]), 1), [2, 3]],
  ["addAlongAxis", () => t.addAlongAxis(list(1, 2), ints(1, 1, 0), list(10, 20, 5), 0), [6, 32]],
  ["scatterAdd", () => t.scatterAdd([3], ints(2, 0, 2), list(1, 2, 3)), [2, 0, 4]],
  ["scatterAdd of rows", () => t.scatterAdd([2, 2], ints(1, 1), matrix([1, 2], [3, 4])), [0, 0, 4, 6]],
  ["scatterAdd of integers", () => t.scatterAdd([3], ints(2, 0, 2), ints(1, 2, 3)), [2, 0, 4]],
  ["oneHot", () => t.oneHot(ints(1, 0), 3), [0, 1, 0, 1, 0, 0]],
  ["sum", () => t.sum(matrix([1, 2], [3, 4]), 0), [4, 6]],
  ["sum of integers", () => t.sum(ints(1, 2, 3)), [6]],
  ["mean", () => t.mean(matrix([1, 2], [3, 4]), 1), [1.5, 3.5]],
  ["max", () => t.max(matrix([1, 2], [3, 0]), 1), [2, 3]],
  ["max of integers", () => t.max(ints(1, 7, 3)), [7]],
  ["min", () => t.min(matrix([1, 2], [3, 0]), 1), [1, 0]],
  ["min of integers", () => t.min(ints(4, 2, 3)), [2]],
  ["variance", () => t.variance(list(1, 3, 5, 7)), [5]],
  ["logSumExp", () => t.logSumExp(list(Math.log(1), Math.log(3))), [Math.log(4)]],
  ["softmax", () => t.softmax(list(Math.log(1), Math.log(3))), [0.25, 0.75]],
  ["logSoftmax", () => t.logSoftmax(list(Math.log(1), Math.log(3))), [-Math.log(4), Math.log(0.75)]],
  ["cumsum", () => t.cumsum(list(1, 2, 3), 0), [1, 3, 6]],
  ["cumsum from the end", () => t.cumsum(ints(1, 2, 3), 0, { reverse: true }), [6, 5, 3]],
  ["argmax, the first of equals", () => t.argmax(matrix([1, 5, 5], [3, 2, 1])), [1, 0]],
  ["arange", () => t.arange(3), [0, 1, 2]],
  ["zeros, ones and full", () => t.concat([t.zeros([1]), t.ones([1]), t.full([1], 5)]), [0, 1, 5]],
  [
    "conv2d",
    () =>
      t.conv2d(t.reshape(t.cast(image, "float32"), [1, 1, 4, 4]), t.constant([1, 0, 0, -1], [1, 1, 2, 2])),
    new Array(9).fill(-5),
  ],
  [
    "conv2d with stride and padding",
    () =>
      t.conv2d(t.reshape(t.cast(image, "float32"), [1, 1, 4, 4]), t.ones([1, 1, 2, 2]), {
        stride: 2,
        padding: 1,
      }),
    [0, 3, 3, 12, 30, 18, 12, 27, 15],
  ],
  [
    "maxPool2d",
    () => t.maxPool2d(t.reshape(t.cast(image, "float32"), [1, 1, 4, 4]), { size: 2 }),
    [5, 7, 13, 15],
  ],
  [
    "scan",
    () =>
      t.scan([list(0)], [list(1, 2, 3)], ([sum], [x]) => ({ carry: [t.add(sum, x)], outputs: [] })).carry[0],
    [6],
  ],
  ["loop", () => t.loop(4, [list(1)], (i, [x]) => [t.mul(x, t.cast(t.add(i, 1), "float32"))])[0], [24]],
];

test.each(expected)("%s", (_, build, values) => {
  expectClose(evaluate(build), values, 1e-12);
});

test("all of these are equal on ONNX Runtime", async () => {
  const program = t.program({}, () => Object.fromEntries(expected.map(([title, build]) => [title, build()])));
  await expectRunsLikeInterpreter(program, {});
});

describe("in single precision", () => {
  const run = async (build: (x: t.Tensor) => t.Tensor, ...values: number[]): Promise<number[]> => {
    const program = t.program({ x: t.float32([values.length]) }, ({ x }) => ({ y: build(x) }));
    const { y } = await program.run({ x: Float32Array.from(values) });
    await program.release();
    return [...y];
  };

  test("log1p and expm1 keep their precision near zero and at the limits", async () => {
    expectClose(
      await run(t.log1p, 1e-20, -1e-9, 0.3, 1e30, Number.POSITIVE_INFINITY, -1),
      [1e-20, -1e-9, Math.log(1.3), Math.log(1e30), Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
      1e-6,
    );
    const [tiny] = await run(t.log1p, 1e-20);
    expect(tiny / 1e-20).toBeCloseTo(1, 6);
    const [small, large, negative, infinite] = await run(t.expm1, 1e-20, 20, -1000, Number.POSITIVE_INFINITY);
    expect(small / 1e-20).toBeCloseTo(1, 6);
    expect(large / Math.expm1(20)).toBeCloseTo(1, 5);
    expect(negative).toBe(-1);
    expect(infinite).toBe(Number.POSITIVE_INFINITY);
  });

  test("softplus does not overflow, and keeps its left tail", async () => {
    const [left, right] = await run(t.softplus, -30, 1000);
    expect(left / Math.exp(-30)).toBeCloseTo(1, 5);
    expect(right).toBe(1000);
  });

  test("logSumExp, softmax and logSoftmax do not overflow", async () => {
    expectClose(await run((x) => t.logSumExp(x, 0, { keepDims: true }), 1000, 1000), [1000 + Math.LN2], 1e-6);
    expectClose(await run(t.softmax, 1000, 1000), [0.5, 0.5], 1e-6);
    expectClose(await run(t.logSoftmax, 1000, -1000), [0, -2000], 1e-6);
  });

  test("NaN propagates", async () => {
    for (const op of [t.relu, t.tanh, t.exp, t.log1p, t.sigmoid, t.softplus, t.elu]) {
      expect(await run(op, Number.NaN), String(op)).toEqual([Number.NaN]);
    }
    expect(await run((x) => t.clip(x, -1, 1), Number.NaN)).toEqual([Number.NaN]);
    expect(await run((x) => t.maximum(x, 0), Number.NaN)).toEqual([Number.NaN]);
  });

  test.each([
    ["maximum", t.maximum, [2, 3]],
    ["minimum", t.minimum, [1, 0]],
  ] as const)("NaN propagates through the %s from either operand, of any shape", async (_, op, [
    first,
    second,
  ]) => {
    const x = Float32Array.of(1, Number.NaN, 3, Number.NaN);
    const y = Float32Array.of(2, 2, Number.NaN, Number.NaN);
    const arrays = t.program({ x: t.float32([4]), y: t.float32([4]) }, ({ x, y }) => ({ z: op(x, y) }));
    expect([...(await arrays.run({ x, y })).z]).toEqual([first, Number.NaN, Number.NaN, Number.NaN]);
    const scalars = t.program({ x: t.float32([2]), s: t.float32([]), r: t.float32([]) }, ({ x, s, r }) => ({
      after: op(x, s),
      before: op(s, x),
      both: op(r, s),
      constant: op(Number.NaN, x),
      finite: op(op(s, s), t.constant([0, 3])),
    }));
    const nan = Float32Array.of(Number.NaN);
    const found = await scalars.run({ x: Float32Array.of(0, 3), s: nan, r: Float32Array.of(1) });
    for (const [name, values] of Object.entries(found)) {
      expect([...values], name).toEqual(Array.from(values, () => Number.NaN));
    }
    const one = Float32Array.of(first);
    const { after } = await scalars.run({ x: Float32Array.of(0, 3), s: Float32Array.of(2), r: one });
    expect([...after]).toEqual(second === 3 ? [2, 3] : [0, 2]);
  });
});

test("erf is accurate over its range", () => {
  // Abramowitz and Stegun, table 7.1.
  for (const [x, y] of [
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [1.5, 0.9661051464753108],
    [3, 0.9999779095030014],
    [5, 0.9999999999984626],
    [7, 1],
  ]) {
    expect(erf(x)).toBeCloseTo(y, 14);
    expect(erf(-x)).toBeCloseTo(-y, 14);
  }
});
