/** @file Programs: inputs, dynamic dimensions, ownership of arrays, memory. */
import { describe, expect, test } from "vitest";
import * as t from "../../src/tensor/index.js";
import { expectClose, expectRunsLikeInterpreter, numbers } from "./support.js";

describe("inputs are checked", () => {
  const program = t.program(
    { x: t.float32(["batch", 2]), y: t.float32(["batch"]), i: t.int32([3]), on: t.bool() },
    ({ x, y, i, on }) => ({
      z: t.add(t.add(t.mul(x, t.expandDims(y, 1)), t.cast(t.sum(i), "float32")), t.cast(on, "float32")),
    }),
  );
  const feeds = {
    x: new Float32Array(4),
    y: new Float32Array(2),
    i: new Int32Array(3),
    on: new Uint8Array(1),
  };
  const { y: _, ...withoutY } = feeds;

  test.each<[string, Record<string, t.ProgramArray>, RegExp]>([
    ["a missing one", withoutY, /missing y; it takes x, y, i, on/],
    ["an unknown one", { ...feeds, zz: feeds.x }, /unknown zz/],
    ["a wrong type", { ...feeds, i: new Float32Array(3) }, /input "i" is int32: it takes a Int32Array/],
    [
      "a wrong length",
      { ...feeds, i: new Int32Array(4) },
      /input "i" of shape \[3\] was given 4 values: it takes 3/,
    ],
    [
      "a length that does not divide",
      { ...feeds, x: new Float32Array(5) },
      /"x" of shape \[batch, 2\] .* multiple of 2/,
    ],
    [
      "an empty batch",
      { ...feeds, x: new Float32Array(0) },
      /"x" .* 0 values: it takes a positive multiple of 2/,
    ],
    ["sizes that disagree", { ...feeds, y: new Float32Array(3) }, /"y" .*: "batch" would be 3, but .* 2/],
  ])("%s", async (_, wrong, message) => {
    await expect(program.run(wrong)).rejects.toThrow(message);
    await expect(program.run(wrong)).rejects.toThrow(t.ShapeError);
  });

  test("valid inputs are accepted", async () => {
    expect([...(await program.run(feeds)).z]).toEqual([0, 0, 0, 0]);
  });
});

test("two dynamic dimensions in one input are refused", () => {
  expect(() => t.program({ x: t.float32(["a", "b"]) }, ({ x }) => ({ x }))).toThrow(
    /only one dimension of \[a, b\]/,
  );
});

test("operations outside a program are refused", () => {
  expect(() => t.exp(t.constant([1, 2]))).toThrow(/exp: .* only work inside the function given to program/);
});

test("a tensor of another program is refused", () => {
  let stolen: t.Tensor | undefined;
  t.program({ x: t.float32() }, ({ x }) => {
    stolen = t.exp(x);
    return { stolen };
  });
  expect(() => t.program({}, () => ({ y: t.exp(stolen!) }))).toThrow(/belongs to another program/);
});

test("a program inside a program is independent", async () => {
  const outer = t.program({ x: t.float32() }, ({ x }) => {
    const inner = t.program({ y: t.float32() }, ({ y }) => ({ z: t.exp(y) }));
    expect(inner.interpret({ y: [0] }).z[0]).toBe(1);
    return { z: t.add(x, 1) };
  });
  await expectRunsLikeInterpreter(outer, { x: numbers(1) });
});

test("one program accepts batches of any size", async () => {
  const w = t.constant(numbers(12), [3, 4]);
  const program = t.program({ x: t.float32(["batch", 3]), i: t.int32(["batch"]) }, ({ x, i }) => {
    const h = t.tanh(t.linear(x, w));
    const picked = t.takeAlongAxis(t.logSoftmax(h), t.expandDims(i, 1), 1);
    const images = t.maxPool2d(
      t.conv2d(t.reshape(t.concat([h, h], 1), ["batch", 2, 2, 2]), t.ones([3, 2, 1, 1])),
      { size: 2 },
    );
    const loss = t.mean(t.square(t.sub(h, t.mean(h, 0))));
    return {
      picked: t.squeeze(picked, 1),
      hot: t.oneHot(i, 4),
      images,
      sequence: t.linear(t.reshape(t.concat([x, x], 1), ["batch", 2, 3]), w),
      flat: t.reshape(h, [-1]),
      swapped: t.matmul(t.transpose(x), h),
      entropy: t.sum(t.mul(t.softmax(h), h), -1),
      total: t.variance(h),
      gradient: t.grad(t.add(loss, t.mean(picked)), [x])[0],
      column: t.grad(t.sum(t.max(h, 0)), [x])[0],
    };
  });
  for (const batch of [1, 2, 7]) {
    const feeds = { x: numbers(3 * batch), i: Int32Array.from({ length: batch }, (_, k) => k % 4) };
    const actual = await program.run(feeds);
    const expected = program.interpret(feeds);
    for (const name of Object.keys(expected)) expectClose(actual[name], expected[name], 1e-5, name);
    expect(actual.images.length).toBe(3 * batch);
  }
  await program.release();
});

test("an operation that needs the size of a named dimension is refused while tracing", () => {
  const trace = (build: (x: t.Tensor) => t.Tensor) => () =>
    t.program({ x: t.float32(["batch", 3]) }, ({ x }) => ({ y: build(x) }));
  expect(trace((x) => t.slice(x, 0, 1))).toThrow(
    /slice: axis 0 of \[batch, 3\] has no size known while tracing/,
  );
  expect(trace((x) => t.concat([x, x]))).toThrow(/concat: axis 0 of \[batch, 3\] has no size known/);
  expect(trace((x) => t.broadcastTo(t.sum(x, 0), ["batch", 3]))).toThrow(
    /give a tensor of that shape as third/,
  );
  expect(trace((x) => t.add(x, t.ones([4, 3])))).toThrow(/add: shapes \[batch, 3\] and \[4, 3\]/);
});

test("an output may be an input, a constant, a stopped tensor, or the same tensor as another", async () => {
  const program = t.program({ x: t.float32([2]), n: t.int32() }, ({ x, n }) => {
    const y = t.exp(x);
    return {
      x,
      n,
      c: t.constant([1, 2]),
      i: t.arange(2),
      stopped: t.stopGradient(x),
      y,
      again: y,
      later: t.stopGradient(y),
    };
  });
  await expectRunsLikeInterpreter(program, { x: numbers(2), n: Int32Array.of(7) });
});

test("the same computation is traced once, and constants are copies", async () => {
  const values = [1, 2];
  const program = t.program({ x: t.float32([2]) }, ({ x }) => {
    const c = t.constant(values);
    expect(t.exp(t.mul(x, 2))).toBe(t.exp(t.mul(x, 2)));
    expect(t.mul(x, 1)).toBe(x);
    expect(t.add(0, x)).toBe(x);
    return { y: t.add(x, c) };
  });
  values[0] = 100;
  expect([...program.interpret({ x: [0, 0] }).y]).toEqual([1, 2]);
});

test("returned arrays belong to the caller, and feeds are not modified", async () => {
  const program = t.program({ x: t.float32([3]) }, ({ x }) => ({ y: t.mul(x, 2), x }));
  const x = Float32Array.of(1, 2, 3);
  const first = await program.run({ x });
  const second = await program.run({ x: first.y as Float32Array });
  first.y.fill(0);
  first.x.fill(0);
  expect([...second.y]).toEqual([4, 8, 12]);
  expect([...x]).toEqual([1, 2, 3]);
  await program.release();
});

test("concurrent runs are independent, and a released program runs again", async () => {
  const program = t.program({ x: t.float32([1]) }, ({ x }) => ({ y: t.mul(x, 2) }));
  const runs = Array.from({ length: 20 }, (_, i) => program.run({ x: Float32Array.of(i) }));
  expect((await Promise.all(runs)).map(({ y }) => y[0])).toEqual(Array.from({ length: 20 }, (_, i) => 2 * i));
  await program.release();
  expect((await program.run({ x: Float32Array.of(4) })).y[0]).toBe(8);
  await program.release();
  await program.release();
  expect(program.derived).toBe(true);
});

test("memory use is constant over many runs", async () => {
  const program = t.program({ x: t.float32([100_000]) }, ({ x }) => ({ y: t.add(x, 1) }));
  let x: t.ProgramArray = new Float32Array(100_000);
  const run = async (times: number): Promise<number> => {
    for (let i = 0; i < times; i++) x = (await program.run({ x })).y;
    return process.memoryUsage().rss;
  };
  const before = await run(300);
  const after = await run(2000); // 800 MB of outputs
  expect(x[0]).toBe(2300);
  expect((after - before) / 2 ** 20).toBeLessThan(150);
  await program.release();
});
