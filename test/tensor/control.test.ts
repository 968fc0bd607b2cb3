/** @file scan and loop. */
import { describe, expect, test } from "vitest";
import * as t from "../../src/tensor/index.js";
import { expectClose, expectRunsLikeInterpreter, finiteDifferences, numbers } from "./support.js";

const at = (xs: t.Tensor, i: number): t.Tensor => t.gather(xs, t.constant(i, [], "int32"));

describe("scan", () => {
  const specs = {
    h: t.float32([2, 4]),
    xs: t.float32([5, 2, 3]),
    wx: t.float32([3, 4]),
    wh: t.float32([4, 4]),
    b: t.float32([4]),
  };
  const feeds = {
    h: numbers(8),
    xs: numbers(30),
    wx: numbers(12, -1, 1),
    wh: numbers(16, -1, 1, 2),
    b: numbers(4),
  };
  const cell = (h: t.Tensor, x: t.Tensor, wx: t.Tensor, wh: t.Tensor, b: t.Tensor): t.Tensor =>
    t.tanh(t.add(t.linear(x, wx), t.linear(h, wh, b)));

  /** Loss, gradients, and gradients of a penalty on them, for a way to run the recurrent network. */
  const recurrent = (run: (inputs: Record<string, t.Tensor>) => t.Tensor) =>
    t.program(specs, (inputs) => {
      const loss = t.mean(t.square(run(inputs)));
      const wrt = Object.values(inputs);
      const first = t.grad(loss, wrt);
      const second = t.grad(first.map((g) => t.sum(t.square(g))).reduce(t.add), wrt);
      return Object.fromEntries([
        ["loss", loss],
        ...first.map((g, i) => [`f${i}`, g]),
        ...second.map((g, i) => [`s${i}`, g]),
      ]);
    });

  const scanned = (reverse: boolean) =>
    recurrent(
      ({ h, xs, wx, wh, b }) =>
        t.scan(
          [h],
          [xs],
          ([state], [x]) => {
            const next = cell(state, x, wx, wh, b);
            return { carry: [next], outputs: [next] };
          },
          { reverse },
        ).outputs[0],
    );

  const unrolled = (reverse: boolean) =>
    recurrent(({ h, xs, wx, wh, b }) => {
      const outputs: t.Tensor[] = [];
      let state = h;
      for (const i of reverse ? [4, 3, 2, 1, 0] : [0, 1, 2, 3, 4]) {
        state = cell(state, at(xs, i), wx, wh, b);
        outputs[i] = state;
      }
      return t.stack(outputs);
    });

  test.each([
    false,
    true,
  ])("equals the unrolled loop, in first and second derivatives (reverse: %s)", async (reverse) => {
    const actual = scanned(reverse).interpret(feeds);
    const expected = unrolled(reverse).interpret(feeds);
    for (const name of Object.keys(expected)) expectClose(actual[name], expected[name], 1e-12, name);
    await expectRunsLikeInterpreter(scanned(reverse), feeds);
  });

  test("differentiates for a captured tensor in every use by the body", async () => {
    const program = t.program(
      { xs: t.float32([4, 2]), w: t.float32([2]), m: t.float32([2, 2]) },
      ({ xs, w, m }) => {
        const { carry } = t.scan([t.zeros([2])], [xs], ([h], [x]) => {
          const mixed = t.reshape(t.linear(t.reshape(t.mul(x, w), [1, 2]), m), [2]);
          const twice = t.reshape(t.linear(t.reshape(t.sin(mixed), [1, 2]), m), [2]);
          return { carry: [t.add(h, t.mul(twice, t.exp(w)))], outputs: [] };
        });
        const loss = t.sum(t.square(carry[0]));
        const [gw, gm] = t.grad(loss, [w, m]);
        return { loss, gw, gm };
      },
    );
    const inputs = { xs: numbers(8), w: numbers(2, -1, 1), m: numbers(4, -1, 1) };
    const results = program.interpret(inputs);
    for (const name of ["w", "m"] as const) {
      const loss = (value: Float64Array): number => program.interpret({ ...inputs, [name]: value }).loss[0];
      expectClose(results[`g${name}`], finiteDifferences(loss, inputs[name]), 1e-7, name);
    }
    await expectRunsLikeInterpreter(program, inputs);
  });

  test("counts a captured tensor once, also if another capture is derived from it", () => {
    const program = t.program({ xs: t.float32([3]), w: t.float32() }, ({ xs, w }) => {
      const square = t.square(w);
      const { carry } = t.scan([t.constant(0)], [xs], ([h], [x]) => ({
        carry: [t.add(h, t.mul(x, t.add(w, square)))],
        outputs: [],
      }));
      return { g: t.grad(carry[0], [w])[0] };
    });
    expectClose(program.interpret({ xs: [1, 2, 3], w: [5] }).g, [6 * (1 + 2 * 5)], 1e-12);
  });

  test("carries integers and booleans beside differentiable values", async () => {
    const program = t.program({ xs: t.float32([4]), w: t.float32() }, ({ xs, w }) => {
      const start = [t.constant(0), t.constant(0, [], "int32"), t.constant(0, [], "bool")];
      const { carry, outputs } = t.scan(start, [xs], ([h, n, odd], [x]) => {
        const term = t.where(odd, t.mul(w, x), t.mul(t.square(w), t.cast(n, "float32")));
        return { carry: [t.add(h, term), t.add(n, 1), t.logicalNot(odd)], outputs: [n, odd] };
      });
      const [gw, gx] = t.grad(carry[0], [w, xs]);
      return { sum: carry[0], count: carry[1], indices: outputs[0], odd: outputs[1], gw, gx };
    });
    const results = program.interpret({ xs: [1, 2, 3, 4], w: [10] });
    // h = 0 w² + w x₁ + 2 w² + w x₃
    expect([...results.sum]).toEqual([200 + 20 + 40]);
    expect([...results.count]).toEqual([4]);
    expect([...results.indices]).toEqual([0, 1, 2, 3]);
    expect([...results.gw]).toEqual([40 + 6]);
    expect([...results.gx]).toEqual([0, 10, 0, 10]);
    await expectRunsLikeInterpreter(program, { xs: Float32Array.of(1, 2, 3, 4), w: Float32Array.of(10) });
  });

  test("nests, and differentiates through both", async () => {
    const program = t.program({ xs: t.float32([3, 4]), w: t.float32() }, ({ xs, w }) => {
      const outer = t.scan([t.constant(1)], [xs], ([h], [row]) => {
        const inner = t.scan([h], [row], ([k], [x]) => ({
          carry: [t.sin(t.add(t.mul(k, w), x))],
          outputs: [],
        }));
        return { carry: inner.carry, outputs: [] };
      });
      const [gw, gx] = t.grad(outer.carry[0], [w, xs]);
      return { y: outer.carry[0], gw, gx };
    });
    const inputs = { xs: numbers(12), w: Float32Array.of(0.9) };
    const y = (part: object): number => program.interpret({ ...inputs, ...part }).y[0];
    const { gw, gx } = program.interpret(inputs);
    expectClose(
      gw,
      finiteDifferences((w) => y({ w }), inputs.w),
      1e-8,
    );
    expectClose(
      gx,
      finiteDifferences((xs) => y({ xs }), inputs.xs),
      1e-8,
    );
    await expectRunsLikeInterpreter(program, inputs);
  });

  test("runs along a dynamic dimension", async () => {
    const program = t.program({ xs: t.float32(["steps", 2]) }, ({ xs }) => {
      const { outputs } = t.scan([t.zeros([2])], [xs], ([h], [x]) => {
        const next = t.add(t.mul(h, 0.5), x);
        return { carry: [next], outputs: [next] };
      });
      return { ys: outputs[0], g: t.grad(t.sum(t.square(outputs[0])), [xs])[0] };
    });
    expect([...program.interpret({ xs: [1, 2, 3, 4] }).ys]).toEqual([1, 2, 3.5, 5]);
    await expectRunsLikeInterpreter(program, { xs: numbers(14) });
  });

  test("may return its inputs, the same tensor twice, or a captured tensor", async () => {
    const program = t.program({ a: t.float32([2]), xs: t.float32([3, 2]) }, ({ a, xs }) => {
      const { carry, outputs } = t.scan([a, a], [xs], ([h, k], [x]) => ({
        carry: [k, h],
        outputs: [x, x, a, h],
      }));
      return { h: carry[0], k: carry[1], x: outputs[0], x2: outputs[1], a2: outputs[2], h2: outputs[3] };
    });
    await expectRunsLikeInterpreter(program, { a: numbers(2), xs: numbers(6) });
  });
});

describe("loop", () => {
  test("counts from 0 and passes the carry on", async () => {
    const program = t.program({ n: t.int32(), x: t.float32([2]) }, ({ n, x }) => {
      const [y, last] = t.loop(n, [x, t.constant(-1, [], "int32")], (i, [y]) => [t.add(t.mul(y, 2), 1), i]);
      return { y, last };
    });
    const feeds = { n: Int32Array.of(3), x: Float32Array.of(0, 1) };
    const { y, last } = program.interpret(feeds);
    expect([...y, ...last]).toEqual([7, 15, 2]);
    expect([...program.interpret({ ...feeds, n: [0] }).y]).toEqual([0, 1]);
    await expectRunsLikeInterpreter(program, feeds);
  });

  test("supports training inside: grad works in the body, for carries and captures", async () => {
    const program = t.program(
      { x: t.float32([8, 2]), y: t.float32([8, 1]), w: t.float32([2, 1]) },
      ({ x, y, w }) => {
        const [fitted] = t.loop(200, [w], (_, [p]) => {
          const loss = t.mean(t.square(t.sub(t.linear(x, p), y)));
          const [g] = t.grad(loss, [p]);
          return [t.sub(p, t.mul(g, 0.2))];
        });
        return { fitted };
      },
    );
    const x = numbers(16);
    const y = Float32Array.from({ length: 8 }, (_, i) => 3 * x[2 * i] - 2 * x[2 * i + 1]);
    const feeds = { x, y, w: new Float32Array(2) };
    expectClose((await program.run(feeds)).fitted, [3, -2], 1e-4);
    await expectRunsLikeInterpreter(program, feeds);
  });

  test("opens carries in its body, which start as zeros of their shape and type", async () => {
    const program = t.program({ x: t.float32([2]), n: t.int32([]) }, ({ x, n }) => {
      const [y, sum, count] = t.loop(n, [x], (i, [y], open) => {
        const next = t.mul(y, 2);
        const [sum, count] = [open(y.shape as number[]), open([], "int32")];
        return [next, t.add(sum, next), t.add(count, t.mul(i, i))];
      });
      return { y, sum, count };
    });
    const feeds = { x: Float32Array.of(1, 3), n: Int32Array.of(4) };
    const wanted = { y: [16, 48], sum: [30, 90], count: [14] };
    for (const found of [await program.run(feeds), program.interpret(feeds)]) {
      for (const [name, values] of Object.entries(wanted)) expect([...found[name]]).toEqual(values);
    }
  });

  test("contains a scan with its gradient, and another loop", async () => {
    const program = t.program({ xs: t.float32([4]), w: t.float32() }, ({ xs, w }) => {
      const [result] = t.loop(3, [w], (i, [p]) => {
        const { carry } = t.scan([t.constant(0)], [xs], ([h], [x]) => ({
          carry: [t.tanh(t.add(t.mul(h, p), t.mul(x, w)))],
          outputs: [],
        }));
        const [step] = t.loop(i, t.grad(carry[0], [p]), (_, [g]) => [t.mul(g, 0.5)]);
        return [t.sub(p, step)];
      });
      return { result };
    });
    await expectRunsLikeInterpreter(program, { xs: numbers(4), w: Float32Array.of(0.7) });
  });

  test("refuses differentiation with an explanation", () => {
    const trace = (): unknown =>
      t.program({ x: t.float32() }, ({ x }) => {
        const [y] = t.loop(2, [x], (_, [z]) => [t.mul(z, z)]);
        return { g: t.grad(y, [x])[0] };
      });
    expect(trace).toThrow(/cannot differentiate through loop; .* use scan/);
  });

  test("does not let tensors leave its body except as results", () => {
    const trace = (): unknown =>
      t.program({ x: t.float32() }, ({ x }) => {
        let leaked = x;
        t.loop(2, [x], (_, [z]) => {
          leaked = t.mul(z, 2);
          return [leaked];
        });
        return { y: t.add(leaked, 1) };
      });
    expect(trace).toThrow(
      /add: a tensor of shape \[\] belongs to another program, or to the body of a scan or loop/,
    );
  });
});
