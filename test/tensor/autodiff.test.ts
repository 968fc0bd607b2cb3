/** @file Properties of grad beyond the rules of single operations. */
import { expect, test } from "vitest";
import * as t from "../../src/tensor/index.js";
import { expectClose, expectRunsLikeInterpreter, finiteDifferences, numbers } from "./support.js";

/** The derivative of the sum of a function at some points, on the interpreter. */
function derivative(f: (x: t.Tensor) => t.Tensor, ...at: number[]): number[] {
  const program = t.program({ x: t.float32([at.length]) }, ({ x }) => ({ g: t.grad(t.sum(f(x)), [x])[0] }));
  return [...program.interpret({ x: at }).g];
}

test("the gradient of minimum and maximum goes to the first argument at ties", () => {
  const program = t.program({ a: t.float32([2]), b: t.float32([2]) }, ({ a, b }) => {
    const [minA, minB] = t.grad(t.sum(t.minimum(a, b)), [a, b]);
    const [maxA, maxB] = t.grad(t.sum(t.maximum(a, b)), [a, b]);
    return { minA, minB, maxA, maxB };
  });
  const { minA, minB, maxA, maxB } = program.interpret({ a: [1, 1], b: [1, 2] });
  expect([...minA, ...minB]).toEqual([1, 1, 0, 0]);
  expect([...maxA, ...maxB]).toEqual([1, 0, 0, 1]);
});

test("clip has derivative 1 at its limits and 0 outside, with limits as numbers and as tensors", () => {
  expect(derivative((x) => t.clip(x, -1, 1), -2, -1, 0, 1, 2)).toEqual([0, 1, 1, 1, 0]);
  expect(derivative((x) => t.clip(x, t.constant(-1), t.constant(1)), -2, -1, 0, 1, 2)).toEqual([
    0, 1, 1, 1, 0,
  ]);
});

test("relu and abs have derivative 0 at 0, and sign and floor everywhere", () => {
  expect(derivative(t.relu, -1, 0, 1)).toEqual([0, 0, 1]);
  expect(derivative(t.abs, -1, 0, 1)).toEqual([-1, 0, 1]);
  expect(derivative((x) => t.add(t.add(t.sign(x), t.positive(x)), t.floor(x)), -1, 0, 1)).toEqual([0, 0, 0]);
});

test("elements that share a maximum or minimum share its gradient", () => {
  expect(derivative((x) => t.max(x), 3, 1, 3)).toEqual([0.5, 0, 0.5]);
  expect(derivative((x) => t.min(x), 3, 1, 1)).toEqual([0, 0.5, 0.5]);
});

test("a clipped probability ratio passes gradients at 1, and none if clipped", () => {
  const surrogate = (advantage: number) => (ratio: t.Tensor) =>
    t.minimum(t.mul(ratio, advantage), t.mul(t.clip(ratio, 0.8, 1.2), advantage));
  expect(derivative(surrogate(2), 0.5, 1, 1.5)).toEqual([2, 2, 0]);
  expect(derivative(surrogate(-2), 0.5, 1, 1.5)).toEqual([0, -2, -2]);
});

test("the derivative of pow in its exponent is 0 for bases that are not positive", () => {
  const program = t.program({ p: t.float32([3]) }, ({ p }) => {
    return { g: t.grad(t.sum(t.pow(t.constant([-2, 0, 2]), p)), [p])[0] };
  });
  expectClose(program.interpret({ p: [2, 2, 2] }).g, [0, 0, 4 * Math.LN2], 1e-12);
});

test("stopGradient, comparisons and casts to integers stop gradients", () => {
  expect(derivative((x) => t.mul(x, t.stopGradient(x)), 3)).toEqual([3]);
  expect(derivative((x) => t.cast(t.cast(x, "int32"), "float32"), 3)).toEqual([0]);
  expect(derivative((x) => t.cast(t.less(x, 1), "float32"), 3)).toEqual([0]);
});

test("gradients are zero for unconnected tensors, also of dynamic shape", async () => {
  const program = t.program({ x: t.float32(["batch", 2]), w: t.float32([2]) }, ({ x, w }) => {
    const [gx, gw] = t.grad(t.constant(1), [x, w]);
    return { gx, gw };
  });
  await expectRunsLikeInterpreter(program, { x: numbers(6), w: numbers(2) });
  expect([...program.interpret({ x: numbers(6), w: numbers(2) }).gx]).toEqual(new Array(6).fill(0));
});

test("gradients for a tensor and for its inputs are both total derivatives", () => {
  const program = t.program({ x: t.float32() }, ({ x }) => {
    const y = t.square(x);
    const [gx, gy] = t.grad(t.mul(y, x), [x, y]);
    return { gx, gy };
  });
  const { gx, gy } = program.interpret({ x: [3] });
  expect([gx[0], gy[0]]).toEqual([27, 3]);
});

test("a gradient penalty of a network has the gradient of finite differences", async () => {
  const specs = { x: t.float32([5, 3]), w: t.float32([3, 4]), b: t.float32([4]), v: t.float32([4, 1]) };
  const program = t.program(specs, ({ x, w, b, v }) => {
    const score = t.linear(t.tanh(t.linear(x, w, b)), v);
    const [slope] = t.grad(t.sum(score), [x]);
    const norm = t.sqrt(t.sum(t.square(slope), 1));
    const penalty = t.mean(t.square(t.sub(norm, 1)));
    const [gw, gb, gv] = t.grad(penalty, [w, b, v]);
    return { penalty, gw, gb, gv };
  });
  const feeds = {
    x: numbers(15),
    w: numbers(12, -1, 1, 2),
    b: numbers(4, -1, 1, 3),
    v: numbers(4, -1, 1, 4),
  };
  const results = program.interpret(feeds);
  for (const name of ["w", "b", "v"] as const) {
    const penalty = (value: Float64Array): number =>
      program.interpret({ ...feeds, [name]: value }).penalty[0];
    expectClose(results[`g${name}`], finiteDifferences(penalty, feeds[name]), 1e-7, name);
  }
  await expectRunsLikeInterpreter(program, feeds);
});

test("the third derivative of a cube is 6", () => {
  const program = t.program({ x: t.float32() }, ({ x }) => {
    let y = t.mul(t.square(x), x);
    for (let n = 0; n < 3; n++) [y] = t.grad(y, [x]);
    return { y };
  });
  expect(program.interpret({ x: [1.7] }).y[0]).toBeCloseTo(6, 12);
});

test("a gradient through a gradient descent update (a meta-gradient) is correct", async () => {
  const program = t.program({ w: t.float32([3]), rate: t.float32() }, ({ w, rate }) => {
    const loss = (p: t.Tensor): t.Tensor => t.sum(t.mul(t.square(t.sin(p)), t.constant([1, 2, 3])));
    const [g] = t.grad(loss(w), [w]);
    const after = loss(t.sub(w, t.mul(rate, g)));
    const [gw, grate] = t.grad(after, [w, rate]);
    return { after, gw, grate };
  });
  const feeds = { w: numbers(3), rate: Float32Array.of(0.1) };
  const { gw, grate } = program.interpret(feeds);
  const after = (part: object) => program.interpret({ ...feeds, ...part }).after[0];
  expectClose(
    gw,
    finiteDifferences((w) => after({ w }), feeds.w),
    1e-7,
  );
  expectClose(
    grate,
    finiteDifferences((rate) => after({ rate }), feeds.rate),
    1e-7,
  );
  await expectRunsLikeInterpreter(program, feeds);
});
