/** @file Operations on random shapes on ONNX Runtime, and the errors for invalid shapes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as t from "../../src/tensor/index.js";
import { broadcastShapes, divideSize, sizeOf } from "../../src/tensor/shape.js";
import { elements, expectRunsLikeInterpreter, type Feeds, numbers, shapes } from "./support.js";

const RUNS = { seed: 1, numRuns: 25 };

/** Two shapes that broadcast: some dimensions of a common one made 1, some leading ones dropped. */
const broadcastable = shapes(0, 4).chain((shape) => {
  const part = fc
    .tuple(fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }), fc.nat(shape.length))
    .map(([ones, dropped]) => shape.map((dim, i) => (ones[i] ? 1 : dim)).slice(dropped));
  return fc.tuple(part, part);
});

/** Checks value and gradients of a function of tensors of these shapes. */
async function checkFunction(inputs: number[][], build: (...xs: t.Tensor[]) => t.Tensor[]): Promise<void> {
  const spec = Object.fromEntries(inputs.map((shape, i) => [`x${i}`, t.float32(shape)]));
  const feeds: Feeds = Object.fromEntries(
    inputs.map((shape, i) => [`x${i}`, numbers(elements(shape), 0.5, 2, i)]),
  );
  const program = t.program(spec, (named) => {
    const xs = Object.values(named);
    const ys = build(...xs);
    const loss = ys.map((y) => t.sum(t.square(y))).reduce(t.add);
    const gradients = t.grad(loss, xs).map((g, i) => {
      expect(g.shape).toEqual(inputs[i]);
      return [`g${i}`, g];
    });
    return Object.fromEntries([...ys.map((y, i) => [`y${i}`, y]), ...gradients]);
  });
  await expectRunsLikeInterpreter(program, feeds);
}

describe("ONNX Runtime equals the interpreter, gradients included, for", () => {
  test("elementwise operations with broadcasting", () =>
    fc.assert(
      fc.asyncProperty(broadcastable, ([a, b]) =>
        checkFunction([a, b], (x, y) => [
          t.add(x, y),
          t.sub(x, y),
          t.mul(x, y),
          t.div(x, y),
          t.pow(x, y),
          t.minimum(x, y),
          t.maximum(x, y),
          t.where(t.less(x, y), x, t.mul(y, 2)),
        ]),
      ),
      RUNS,
    ));

  test("reductions over any axes", () =>
    fc.assert(
      fc.asyncProperty(
        shapes(1, 4).chain((shape) =>
          fc.tuple(fc.constant(shape), fc.subarray([...shape.keys()], { minLength: 1 })),
        ),
        fc.boolean(),
        ([shape, axes], keepDims) =>
          checkFunction([shape], (x) =>
            [t.sum, t.mean, t.max, t.min, t.logSumExp, t.variance].map((reduce) =>
              reduce(x, axes, { keepDims }),
            ),
          ),
      ),
      RUNS,
    ));

  test("operations along any axis", () =>
    fc.assert(
      fc.asyncProperty(
        shapes(1, 4).chain((shape) => fc.tuple(fc.constant(shape), fc.nat(shape.length - 1))),
        ([shape, axis]) =>
          checkFunction([shape], (x) => {
            const size = shape[axis];
            const picks = t.constant(Int32Array.from({ length: 3 }, (_, i) => (i * 2) % size));
            return [
              t.softmax(x, axis),
              t.logSoftmax(x, axis),
              t.cumsum(x, axis),
              t.concat([x, t.square(x)], axis),
              t.stack([x, t.square(x)], axis),
              t.pad(x, 1, 2, axis),
              t.slice(x, 0, Math.ceil(size / 2), axis),
              ...t.split(x, [Math.ceil(size / 2), Math.floor(size / 2)].filter(Boolean), axis),
              t.gather(x, picks, axis),
              t.gather(x, t.reshape(picks, [3, 1]), axis),
              t.scatterAdd(x, picks, t.gather(t.square(x), picks, axis), axis),
            ];
          }),
      ),
      RUNS,
    ));

  test("transposing, reshaping and repeating", () =>
    fc.assert(
      fc.asyncProperty(
        shapes(1, 4).chain((shape) =>
          fc.tuple(fc.constant(shape), fc.shuffledSubarray([...shape.keys()], { minLength: shape.length })),
        ),
        ([shape, permutation]) =>
          checkFunction([shape], (x) => [
            t.transpose(x, permutation),
            t.reshape(x, [...shape].reverse()),
            t.reshape(x, [-1]),
            t.broadcastTo(t.expandDims(x, 0), [2, ...shape]),
          ]),
      ),
      RUNS,
    ));

  test("matrix products", () =>
    fc.assert(
      fc.asyncProperty(
        broadcastable,
        fc.tuple(...[1, 2, 3].map(() => fc.integer({ min: 1, max: 5 }))),
        ([a, b], [m, k, n]) =>
          checkFunction([[...a, m, k], [...b, k, n], [n]], (x, y, bias) => [
            t.matmul(x, y),
            ...(b.length === 0 ? [t.linear(x, y, bias)] : [t.add(t.matmul(x, y), bias)]),
          ]),
      ),
      RUNS,
    ));

  test("convolutions and pooling", () =>
    fc.assert(
      fc.asyncProperty(
        fc.record({
          image: fc.tuple(fc.integer({ min: 3, max: 6 }), fc.integer({ min: 3, max: 6 })),
          kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
          stride: fc.integer({ min: 1, max: 2 }),
          padding: fc.integer({ min: 0, max: 1 }),
        }),
        ({ image, kernel, stride, padding }) =>
          checkFunction(
            [
              [2, 2, ...image],
              [3, 2, ...kernel],
            ],
            (x, w) => [t.conv2d(x, w, { stride, padding }), t.maxPool2d(x, { size: kernel[0], stride })],
          ),
      ),
      { ...RUNS, numRuns: 10 },
    ));
});

describe("shapes", () => {
  test("broadcast by the definition", () => {
    fc.assert(
      fc.property(broadcastable, ([a, b]) => {
        const rank = Math.max(a.length, b.length);
        const extend = (shape: number[]): number[] => [...new Array(rank - shape.length).fill(1), ...shape];
        expect(broadcastShapes("test", a, b)).toEqual(extend(a).map((dim, i) => Math.max(dim, extend(b)[i])));
      }),
      { seed: 1 },
    );
  });

  test("multiply and divide with a named dimension", () => {
    expect(sizeOf(["batch", 2, 5])).toBe("10*batch");
    expect(sizeOf(["10*batch", 3])).toBe("30*batch");
    expect(sizeOf([2, 3])).toBe(6);
    expect(divideSize("10*batch", 5)).toBe("2*batch");
    expect(divideSize("10*batch", "2*batch")).toBe(5);
    expect(divideSize("10*batch", 3)).toBeNull();
    expect(divideSize(6, "batch")).toBeNull();
  });
});

describe("a shape error names the operation and both shapes:", () => {
  const x = (...shape: number[]): t.Tensor => t.zeros(shape);
  const i = (...shape: number[]): t.Tensor => t.zeros(shape, "int32");
  test.each<[string, () => unknown, RegExp]>([
    ["add", () => t.add(x(2, 3), x(2)), /^add: shapes \[2, 3\] and \[2\]/],
    ["where", () => t.where(t.less(x(2), 1), x(3), 0), /^where: shapes \[2\] and \[3\] and \[\]/],
    ["linear", () => t.linear(x(2, 3), x(2, 4)), /^linear: .*\[2, 3\] and .*\[2, 4\]/],
    ["linear's bias", () => t.linear(x(2, 3), x(3, 4), x(3)), /^linear: shapes \[3\] and \[2, 4\]/],
    ["matmul", () => t.matmul(x(2, 3), x(4, 2)), /^matmul: .*\[2, 3\] and .*\[4, 2\]/],
    ["reshape", () => t.reshape(x(2, 3), [4]), /^reshape: \[2, 3\] to \[4\]/],
    ["reshape with -1", () => t.reshape(x(2, 3), [4, -1]), /^reshape: \[2, 3\] to \[4, -1\]/],
    ["transpose", () => t.transpose(x(2, 3), [0, 0]), /^transpose: \[0, 0\] does not permute \[2, 3\]/],
    ["broadcastTo", () => t.broadcastTo(x(2), [3]), /^broadcastTo: \[2\] does not broadcast to \[3\]/],
    ["concat", () => t.concat([x(2, 3), x(2, 4)]), /^concat: .*\[2, 3\] and .*\[2, 4\]/],
    ["concat of dtypes", () => t.concat([x(2), i(2)]), /^concat: float32 \[2\] and int32 \[2\]/],
    ["stack", () => t.stack([x(2), x(3)]), /^concat: .*\[1, 2\] and .*\[1, 3\]/],
    ["split", () => t.split(x(5), [2, 2]), /^split: sizes \[2, 2\] .* \[5\]/],
    ["slice", () => t.slice(x(5), 3, 7), /^slice: 3 to 7 .* \[5\]/],
    ["squeeze", () => t.squeeze(x(5), 0), /^squeeze: axis 0 of \[5\]/],
    ["gather", () => t.gather(x(5), x(2)), /^gather: indices must be int32, not float32 \[2\]/],
    [
      "takeAlongAxis",
      () => t.takeAlongAxis(x(5, 2), i(4, 1), 1),
      /^takeAlongAxis: \[5, 2\] and indices \[4, 1\]/,
    ],
    ["scatterAdd", () => t.scatterAdd([5, 2], i(4), x(4, 3)), /^scatterAdd: updates \[4, 3\] into \[5, 2\]/],
    [
      "addAlongAxis",
      () => t.addAlongAxis(x(3), i(2), x(4), 0),
      /^addAlongAxis: updates float32 \[4\] .*\[2\].*\[3\]/,
    ],
    ["sum", () => t.sum(x(2, 3), 2), /^sum: axis 2 is outside shape \[2, 3\]/],
    [
      "conv2d",
      () => t.conv2d(x(1, 2, 4, 4), x(1, 3, 2, 2)),
      /^conv2d: .*\[1, 2, 4, 4\] and .*\[1, 3, 2, 2\]/,
    ],
    [
      "conv2d's kernel",
      () => t.conv2d(x(1, 2, 2, 2), x(1, 2, 3, 3)),
      /^conv2d: .*\[3, 3\] does not fit \[1, 2, 2, 2\]/,
    ],
    ["maxPool2d", () => t.maxPool2d(x(1, 1, 2, 2), { size: 3 }), /^maxPool2d: .*\[3, 3\] does not fit/],
    ["dtypes", () => t.add(x(2), i(2)), /^add: .* float32 \[2\] and int32 \[2\]; use cast/],
    ["exp of integers", () => t.exp(i(2)), /^exp: takes float32 operands .* int32 \[2\]/],
    ["constant", () => t.constant([1, 2, 3], [2, 2]), /^constant: 3 values do not fill shape \[2, 2\]/],
    ["grad", () => t.grad(x(2), [x(2)]), /^grad: the loss must be a float32 scalar, not float32 \[2\]/],
    [
      "grad for integers",
      () => t.grad(t.sum(x(2)), [i(2)]),
      /^grad: cannot differentiate with respect to int32 \[2\]/,
    ],
    [
      "scan",
      () => t.scan([], [x(2), x(3)], () => ({ carry: [], outputs: [] })),
      /^scan: .*\[2\] and \[3\] differ/,
    ],
    [
      "scan without a sequence",
      () => t.scan([], [], () => ({ carry: [], outputs: [] })),
      /^scan: xs is empty/,
    ],
    [
      "scan's carry",
      () => t.scan([x(2)], [x(3)], ([h]) => ({ carry: [t.sum(h)], outputs: [] })),
      /^scan: carry 0 starts as float32 \[2\] but the body returns float32 \[\]/,
    ],
    ["loop's carry", () => t.loop(2, [x(2)], () => []), /^loop: the body was given 1 carries and returned 0/],
    [
      "loop's count",
      () => t.loop(x(1), [], () => []),
      /^loop: the count must be an int32 scalar, not float32 \[1\]/,
    ],
  ])("%s", (_, build, message) => {
    const trace = (): unknown => t.program({}, () => ({ y: build() as t.Tensor }));
    expect(trace).toThrow(t.ShapeError);
    expect(trace).toThrow(message);
  });
});
