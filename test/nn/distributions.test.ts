import { describe, expect, test } from "vitest";
import {
  affine,
  bernoulli,
  categorical,
  type DiagonalGaussian,
  type Distribution,
  diagonalGaussian,
  gumbelSoftmax,
  multiCategorical,
  tanhGaussian,
} from "../../src/nn/index.js";
import { createRng } from "../../src/random/rng.js";
import * as t from "../../src/tensor/index.js";
import {
  evaluate,
  expectClose,
  expectMean,
  finiteDifferences,
  interpret,
  mean,
  run,
  sum,
  type Values,
  values,
  variance,
} from "./support.js";

const SAMPLES = 20_000;

/** One kind of distribution, two sets of parameters for it, and the whole of its set of actions. */
interface Case {
  name: string;
  build: (parameters: t.Tensor) => Distribution;
  /** Parameters of p and q, in one row each. */
  p: number[];
  q: number[];
  /** All actions, or the centres of small cells, and the size of each. */
  actions: Values;
  cell: number;
  /** Whether entropy and KL are estimates from noise. */
  estimates?: { entropy?: boolean; kl?: boolean };
  tolerance?: number;
}

const halves = (parameters: t.Tensor, d: number) => t.split(parameters, [d, d], -1);

const gaussian = (parameters: t.Tensor) => {
  const [mu, logStd] = halves(parameters, 2);
  return diagonalGaussian(mu, logStd);
};

const squashed = (parameters: t.Tensor) => {
  const [mu, logStd] = halves(parameters, 2);
  return tanhGaussian(mu, logStd, { low: [-3, 0.5], high: [0.5, 2] });
};

/** Centres of n × n cells of a box. */
function grid(n: number, [x0, x1]: number[], [y0, y1]: number[]): Values {
  const data = new Float64Array(2 * n * n);
  for (let i = 0; i < n * n; i++) {
    data[2 * i] = x0 + ((x1 - x0) * ((i % n) + 0.5)) / n;
    data[2 * i + 1] = y0 + ((y1 - y0) * (Math.floor(i / n) + 0.5)) / n;
  }
  return values([n * n, 2], data);
}

/** Centres of the triangles that cut the simplex of three coordinates into n² parts of equal area. */
function simplexGrid(n: number): Values {
  const data: number[] = [];
  for (let i = 0; i < n; i++) {
    for (let j = 0; i + j < n; j++) {
      for (const third of i + j < n - 1 ? [1 / 3, 2 / 3] : [1 / 3]) {
        const [x, y] = [(i + third) / n, (j + third) / n];
        data.push(x, y, 1 - x - y);
      }
    }
  }
  return values([data.length / 3, 3], data);
}

const cases: Case[] = [
  {
    name: "categorical",
    build: categorical,
    p: [0.3, -1, 2, 0.1],
    q: [1, 0, -0.5, 0.4],
    actions: values([4], [0, 1, 2, 3], "int32"),
    cell: 1,
  },
  {
    name: "multiCategorical",
    build: (parameters) => multiCategorical(parameters, [3, 1, 2]),
    p: [0.3, -1, 2, 7, 0.1, -0.4],
    q: [1, 0, -0.5, 2, 0.4, 0.9],
    actions: values([6, 3], [0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 0, 1, 1, 0, 1, 2, 0, 1], "int32"),
    cell: 1,
  },
  {
    name: "bernoulli",
    build: bernoulli,
    p: [0.7, -1.2],
    q: [-0.3, 0.4],
    actions: values([4, 2], [0, 0, 0, 1, 1, 0, 1, 1], "int32"),
    cell: 1,
  },
  {
    name: "diagonalGaussian",
    build: gaussian,
    p: [0.4, -1, -0.3, 0.2],
    q: [-0.2, 0.5, 0.3, -0.1],
    actions: grid(150, [-8, 8], [-10, 8]),
    cell: (16 * 18) / 150 ** 2,
  },
  {
    name: "affine, of a diagonalGaussian",
    build: (parameters) => affine(gaussian(parameters), { shift: [200, -4.5], scale: [20, 0.5] }),
    p: [0.4, -1, -0.3, 0.2],
    q: [-0.2, 0.5, 0.3, -0.1],
    actions: grid(150, [40, 360], [-9.5, -0.5]),
    cell: (320 * 9) / 150 ** 2,
  },
  {
    name: "tanhGaussian, scaled and shifted",
    build: squashed,
    p: [0.4, -0.6, -0.3, -0.5],
    q: [-0.2, 0.5, -0.5, -0.8],
    actions: grid(200, [-3, 0.5], [0.5, 2]),
    cell: (3.5 * 1.5) / 200 ** 2,
    estimates: { entropy: true },
  },
  {
    name: "gumbelSoftmax, soft",
    build: (parameters) => gumbelSoftmax(parameters, { temperature: 0.8 }),
    p: [0.5, -0.2, 0.1],
    q: [-0.3, 0.9, 0.2],
    actions: simplexGrid(200),
    cell: 1 / 2 / 200 ** 2,
    estimates: { entropy: true, kl: true },
    tolerance: 5e-3,
  },
  {
    name: "gumbelSoftmax, straight-through",
    build: (parameters) => gumbelSoftmax(parameters, { estimator: "straight-through" }),
    p: [0.5, -0.2, 0.1],
    q: [-0.3, 0.9, 0.2],
    actions: values([3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1]),
    cell: 1,
  },
];

/** The noise that `count` samples take. */
function noiseFor(build: Case["build"], parameters: number[], count: number): Values {
  let noise: Distribution["noise"] | undefined;
  t.program({ p: t.float32([count, parameters.length]) }, ({ p }) => {
    noise = build(p).noise;
    return { p };
  });
  const { kind, shape } = noise as Distribution["noise"];
  const data = new Float32Array((shape as number[]).reduce((a, b) => a * b, 1));
  const rng = createRng(`noise ${parameters}`);
  return values(shape as number[], kind === "normal" ? rng.fillNormal(data) : rng.fillUniform(data));
}

/** A batch of the same parameters. */
const repeated = (row: number[], count: number): Values =>
  values(
    [count, row.length],
    Float64Array.from({ length: count * row.length }, (_, i) => row[i % row.length]),
  );

describe.each(cases)("$name", ({ build, p, q, actions, cell, estimates = {}, tolerance = 1e-3 }) => {
  const count = actions.shape[0];
  const known = new Map<number[], Float64Array>();
  /** The log-probability of every action. */
  const logProbs = async (row: number[]): Promise<Float64Array> => {
    if (!known.has(row)) {
      const inputs = { row: repeated(row, count), actions };
      known.set(row, (await run(inputs, (x) => ({ out: build(x.row).logProb(x.actions) }))).out);
    }
    return known.get(row) as Float64Array;
  };
  /** Σ over all actions of f(log p, log q) p. */
  const expectation = async (f: (logP: number, logQ: number) => number, from: number[], to: number[]) => {
    const [logP, logQ] = [await logProbs(from), await logProbs(to)];
    return sum(logP.map((value, i) => cell * Math.exp(value) * f(value, logQ[i])));
  };
  const noise = noiseFor(build, p, SAMPLES);

  test("probabilities of all actions sum to one", async () => {
    expectClose([await expectation(() => 1, p, q), await expectation(() => 1, q, p)], [1, 1], tolerance);
  });

  test("the entropy equals that of the probabilities", async () => {
    const rows = estimates.entropy ? SAMPLES : 1;
    const { out } = await run({ row: repeated(p, rows), noise: noiseFor(build, p, rows) }, (x) => ({
      out: build(x.row).entropy(x.noise),
    }));
    const expected = await expectation((logP) => -logP, p, q);
    if (estimates.entropy) expectMean(out, expected, "entropy");
    else expectClose(out, [expected], tolerance);
  });

  test("the divergence equals that of the probabilities, in both directions, and is zero between equals", async () => {
    const divergence = async (from: number[], to: number[]): Promise<Float64Array> => {
      const rows = estimates.kl ? SAMPLES : 1;
      const inputs = { from: repeated(from, rows), to: repeated(to, rows), noise: noiseFor(build, p, rows) };
      return (await run(inputs, (x) => ({ out: build(x.from).kl(build(x.to), x.noise) }))).out;
    };
    const check = async (from: number[], to: number[]): Promise<number> => {
      const expected = await expectation((logP, logQ) => logP - logQ, from, to);
      if (estimates.kl) expectMean(await divergence(from, to), expected, "divergence");
      else expectClose(await divergence(from, to), [expected], tolerance);
      return expected;
    };
    const [forward, backward] = [await check(p, q), await check(q, p)];
    expect(forward).toBeGreaterThan(0.05);
    expect(Math.abs(forward - backward)).toBeGreaterThan(1e-3);
    expect(Math.max(...(await divergence(p, p)).map(Math.abs))).toBeLessThan(1e-6);
  });

  test("the samples follow the probabilities", async () => {
    const { sample } = await run({ row: repeated(p, SAMPLES), noise }, (x) => ({
      sample: build(x.row).sample(x.noise),
    }));
    const width = actions.shape[1] ?? 1;
    const logP = await logProbs(p);
    for (let d = 0; d < width; d++) {
      const column = sample.filter((_, i) => i % width === d);
      const moment = (power: number): number =>
        sum(logP.map((value, i) => cell * Math.exp(value) * actions.data[i * width + d] ** power));
      expectMean(column, moment(1), `mean of coordinate ${d}`);
      expectMean(
        column.map((x) => x ** 2),
        moment(2),
        `mean square of coordinate ${d}`,
      );
    }
  });

  test("the mode has the highest probability", async () => {
    const { mode } = interpret({ row: repeated(p, 1) }, (x) => ({ mode: build(x.row).mode() }));
    expect(mode).toHaveLength(actions.shape[1] ?? 1);
    const one = values([1, ...actions.shape.slice(1)], mode, actions.dtype);
    const { out } = interpret({ row: repeated(p, 1), one }, (x) => ({
      out: build(x.row).logProb(x.one),
    }));
    // The squashed mode is not the mode of the squashed density, and the relaxed density is infinite at corners.
    if (!estimates.entropy) expect(out[0]).toBeGreaterThanOrEqual(Math.max(...(await logProbs(p))) - 1e-6);
  });

  test("log-probability, entropy and divergence have the gradients of finite differences", () => {
    const few = 5;
    const picked = (source: Values, of: number): Values => {
      const width = source.data.length / source.shape[0];
      const rows = Array.from({ length: few }, (_, i) => Math.floor(((i + 0.5) * of) / few));
      return values(
        [few, ...source.shape.slice(1)],
        rows.flatMap((row) => Array.from({ length: width }, (_, j) => source.data[row * width + j])),
        source.dtype,
      );
    };
    const inputs = {
      row: values([p.length], p),
      actions: picked(actions, count),
      noise: picked(noise, few),
    };
    for (const quantity of ["logProb", "entropy", "kl"] as const) {
      const loss = (x: Record<string, t.Tensor>): t.Tensor => {
        const d = build(t.broadcastTo(x.row, [few, p.length]));
        const other = build(t.broadcastTo(t.constant(q), [few, q.length]));
        if (quantity === "logProb") return t.sum(d.logProb(x.actions));
        return t.sum(quantity === "entropy" ? d.entropy(x.noise) : d.kl(other, x.noise));
      };
      const { gradient } = interpret(inputs, (x) => ({ gradient: t.grad(loss(x), [x.row])[0] }));
      expectClose(gradient, finiteDifferences(inputs, "row", loss), 1e-6, quantity);
    }
  });

  test("ONNX Runtime agrees with the interpreter", async () => {
    const many = 64;
    const few = noiseFor(build, p, many);
    const { sample } = await evaluate(
      { row: repeated(p, many), other: repeated(q, many), few },
      (x) => {
        const d = build(x.row);
        const sample = d.sample(x.few);
        const total = t.sum(d.logProb(sample));
        return {
          sample,
          logProb: d.logProb(sample),
          entropy: d.entropy(x.few),
          kl: d.kl(build(x.other), x.few),
          mode: d.mode(),
          gradient: t.grad(total, [x.row])[0],
        };
      },
      2e-4,
    );
    expect(sample.length).toBe(many * (actions.shape[1] ?? 1));
  });

  test("a distribution of another kind is refused", () => {
    const other = cases.find((c) => c.build !== build && c.p.length === p.length) ?? cases[3];
    t.program({ mine: t.float32([2, p.length]), theirs: t.float32([2, other.p.length]) }, (x) => {
      expect(() => build(x.mine).kl(other.build(x.theirs))).toThrow("kl: the distributions differ in kind");
      return { mine: x.mine };
    });
  });
});

describe("categorical", () => {
  test("a masked action is never sampled, at either end of the noise", async () => {
    const logits = [-1e9, 0, -1e9, 0.5, -1e9];
    // Doubles below 1 can round to 1 in float32.
    const uniforms = [0, 1e-9, 0.3, 0.37, 0.38, 0.5, 0.9, 1 - 2 ** -24, 1];
    const { sample } = await evaluate(
      { logits: repeated(logits, uniforms.length), uniforms: values([uniforms.length], uniforms) },
      (x) => ({ sample: categorical(x.logits).sample(x.uniforms) }),
    );
    expect(Array.from(sample)).toEqual([1, 1, 1, 1, 3, 3, 3, 3, 3]);
  });

  test("rounding in the sum of many probabilities does not reach a masked action", async () => {
    const [rows, classes] = [200, 64];
    const logits = createRng("many").fillNormal(new Float32Array(rows * classes));
    for (let row = 0; row < rows; row++) logits[(row + 1) * classes - 1] = -1e9;
    const program = t.program(
      { logits: t.float32([rows, classes]), u: t.float32([rows]) },
      ({ logits, u }) => ({
        sample: categorical(logits).sample(u),
      }),
    );
    const { sample } = await program.run({ logits, u: new Float32Array(rows).fill(1 - 2 ** -24) });
    expect(Math.max(...sample)).toBeLessThan(classes - 1);
    await program.release();
  });

  test("more uniforms than rows give several samples of one distribution", () => {
    const { sample, logProb } = interpret(
      { logits: values([2], [0, Math.log(3)]), uniforms: values([4], [0.1, 0.24, 0.26, 0.9]) },
      (x) => {
        const d = categorical(x.logits);
        const sample = d.sample(x.uniforms);
        return { sample, logProb: d.logProb(sample) };
      },
    );
    expect(Array.from(sample)).toEqual([0, 0, 1, 1]);
    expectClose(logProb, [0.25, 0.25, 0.75, 0.75].map(Math.log), 1e-12);
  });

  test("a batch whose size is only known at run time is sampled", async () => {
    const program = t.program(
      { logits: t.float32(["batch", 2]), u: t.float32(["batch"]) },
      ({ logits, u }) => {
        const d = categorical(logits);
        const action = d.sample(u);
        return { action, logProb: d.logProb(action), entropy: d.entropy() };
      },
    );
    for (const n of [1, 3]) {
      const out = await program.run({ logits: new Float32Array(2 * n), u: new Float32Array(n).fill(0.7) });
      expect(Array.from(out.action)).toEqual(new Array(n).fill(1));
      expectClose(out.logProb, new Array(n).fill(-Math.LN2), 1e-6);
      expectClose(out.entropy, new Array(n).fill(Math.LN2), 1e-6);
    }
    await program.release();
  });
});

describe("diagonalGaussian", () => {
  test("log standard deviations are shared by a batch of unknown size", async () => {
    const program = t.program({ mean: t.float32(["batch", 2]), logStd: t.float32([2]) }, (x) => {
      const d = diagonalGaussian(x.mean, x.logStd);
      const standard = diagonalGaussian(t.mul(x.mean, 0), t.zeros([2]));
      return { entropy: d.entropy(), kl: d.kl(standard), logProb: d.logProb(d.mode()) };
    });
    const out = await program.run({ mean: Float32Array.of(0, 0, 1, 2), logStd: Float32Array.of(0, 1) });
    const entropy = Math.log(2 * Math.PI) + 1 + 1;
    expectClose(out.entropy, [entropy, entropy], 1e-6);
    const narrow = (Math.E ** 2 - 1) / 2 - 1;
    expectClose(out.kl, [narrow, narrow + 5 / 2], 1e-6);
    expectClose(out.logProb, new Array(2).fill(-Math.log(2 * Math.PI) - 1), 1e-6);
    await program.release();
  });
});

test.each([
  ["a Gaussian", (d: DiagonalGaussian): Distribution => d],
  ["a Gaussian in other units", (d: DiagonalGaussian) => affine(d, { shift: [1, -2], scale: [3, 0.5] })],
])("a sample of %s has the log-probability of its action", async (_, of) => {
  const out = await evaluate({ noise: values([3, 2], [-3, -1, 0, 0.5, 2, 4]) }, ({ noise }) => {
    const d = of(diagonalGaussian(t.constant([0.3, -1]), t.constant([-0.5, 0.7])));
    const { action, logProb } = d.sampleWithLogProb!(noise);
    return { action, logProb, sample: d.sample(noise), ofAction: d.logProb(action) };
  });
  expectClose(out.action, out.sample, 1e-12);
  expectClose(out.logProb, out.ofAction, 1e-9);
});

describe("tanhGaussian", () => {
  test("a sample's log-probability agrees with that of its action, and stays finite where tanh saturates", async () => {
    const noise = [-30, -4, -1, 0, 0.5, 3, 25];
    const { fromSample, fromAction } = await evaluate(
      { noise: values([noise.length, 1], noise) },
      ({ noise }) => {
        const d = tanhGaussian(t.zeros([7, 1]), t.zeros([1]), { low: -2, high: 4 });
        const { action, logProb } = d.sampleWithLogProb(noise);
        return { fromSample: logProb, fromAction: t.minimum(t.maximum(d.logProb(action), -80), 80) };
      },
      1e-3,
    );
    expectClose(fromAction.slice(1, 6), fromSample.slice(1, 6), 1e-6);
    // log N(u; 0, 1) − log 3 − log(1 − tanh² u), with log(1 − tanh² u) → 2 log 2 − 2 |u|.
    const far = (u: number) => -u * u * 0.5 - Math.log(2 * Math.PI) / 2 - Math.log(3) - 2 * Math.LN2 + 2 * u;
    expectClose([fromSample[0], fromSample[6]], [far(30), far(25)], 1e-9);
  });

  test("gradients stay finite at the bounds of the actions", async () => {
    const { gradient } = await evaluate(
      { mean: values([2, 1], [0.5, 0.5]), a: values([2, 1], [-1, 1]) },
      (x) => ({
        gradient: t.grad(t.sum(tanhGaussian(x.mean, t.zeros([1])).logProb(x.a)), [x.mean])[0],
      }),
      1e-2,
    );
    for (const value of gradient) expect(Number.isFinite(value)).toBe(true);
  });

  test.each([
    [{ low: 1, high: 1 }, "dimension 0 is bounded by 1 and 1"],
    [{ low: [0, 0], high: [1, Number.POSITIVE_INFINITY] }, "dimension 1 is bounded by 0 and Infinity"],
    [{ low: [0, 0, 0] }, "low has 3 values for 2 dimensions"],
  ])("bounds %j are refused", (bounds, message) => {
    t.program({ mean: t.float32([1, 2]) }, ({ mean }) => {
      expect(() => tanhGaussian(mean, mean, bounds)).toThrow(message);
      return { mean };
    });
  });

  test("the entropy without noise, and a divergence between different boxes, are refused", () => {
    t.program({ x: t.float32([1, 2]) }, ({ x }) => {
      expect(() => tanhGaussian(x, x).entropy()).toThrow("pass the noise of a sample");
      expect(() => tanhGaussian(x, x).kl(tanhGaussian(x, x, { high: 2 }))).toThrow("differ in upper bounds");
      return { x };
    });
  });
});

describe("gumbelSoftmax, straight-through", () => {
  const logits = [0.5, -1, 0.2, 1.1];
  const temperature = 0.7;

  test("samples are exactly one-hot, with the gradient of the soft sample", async () => {
    const many = 50;
    const noise = createRng("straight-through").fillUniform(new Float32Array(many * 4));
    const weights = createRng("weights").fillNormal(new Float32Array(many * 4));
    const program = t.program(
      { logits: t.float32([many, 4]), noise: t.float32([many, 4]), weights: t.float32([many, 4]) },
      (x) => {
        const sampled = (estimator: "soft" | "straight-through") => {
          const sample = gumbelSoftmax(x.logits, { temperature, estimator }).sample(x.noise);
          return { sample, gradient: t.grad(t.sum(t.mul(sample, x.weights)), [x.logits])[0] };
        };
        const [soft, hard] = [sampled("soft"), sampled("straight-through")];
        return { soft: soft.gradient, hard: hard.gradient, sample: hard.sample };
      },
    );
    const feeds = { logits: Float32Array.from(repeated(logits, many).data), noise, weights };
    for (const { soft, hard, sample } of [program.interpret(feeds), await program.run(feeds)]) {
      expectClose(hard, soft, 1e-6);
      expect(Math.max(...Array.from(soft, Math.abs))).toBeGreaterThan(0.1);
      for (let i = 0; i < many; i++) {
        expect(Array.from(sample.slice(4 * i, 4 * i + 4)).sort()).toEqual([0, 0, 0, 1]);
      }
    }
    await program.release();
  });

  test("the frequencies of samples pass a chi-squared test against softmax", async () => {
    const build = (x: t.Tensor) => gumbelSoftmax(x, { temperature, estimator: "straight-through" });
    const noise = noiseFor(build, logits, SAMPLES);
    const { sample } = await run({ row: repeated(logits, SAMPLES), noise }, (x) => ({
      sample: build(x.row).sample(x.noise),
    }));
    const total = sum(logits.map(Math.exp));
    const statistic = sum(
      logits.map((logit, k) => {
        const expected = (SAMPLES * Math.exp(logit)) / total;
        return (sum(sample.filter((_, i) => i % 4 === k)) - expected) ** 2 / expected;
      }),
    );
    // The 99.9th percentile of chi-squared with three degrees of freedom.
    expect(statistic).toBeLessThan(16.27);
    expect(variance(sample)).toBeGreaterThan(0.1);
  });

  test("a temperature of zero is refused", () => {
    t.program({ x: t.float32([1, 2]) }, ({ x }) => {
      expect(() => gumbelSoftmax(x, { temperature: 0 })).toThrow("temperature 0 is not above 0");
      return { x };
    });
  });

  test("noise at its ends and actions at corners give finite numbers", async () => {
    const out = await evaluate(
      {
        noise: values([2, 4], [0, 1, 0.5, 0.2, 1, 1, 1, 0]),
        corner: values([2, 4], [1, 0, 0, 0, 0, 0, 0, 1]),
      },
      ({ noise, corner }) => {
        const d = gumbelSoftmax(t.broadcastTo(t.constant(logits), [2, 4]));
        return { sample: d.sample(noise), logProb: d.logProb(corner) };
      },
      1e-3,
    );
    for (const value of [...out.sample, ...out.logProb]) expect(Number.isFinite(value)).toBe(true);
  });

  test("soft samples lie on the simplex and sharpen as the temperature falls", async () => {
    const noise = createRng("simplex").fillUniform(new Float32Array(200));
    const largest = async (temperature: number): Promise<number> => {
      const { sample } = await evaluate(
        { row: repeated(logits, 50), noise: values([50, 4], noise) },
        (x) => ({
          sample: gumbelSoftmax(x.row, { temperature }).sample(x.noise),
        }),
        1e-4,
      );
      const rows = Array.from({ length: 50 }, (_, i) => sample.slice(4 * i, 4 * i + 4));
      for (const row of rows) expect(sum(row)).toBeCloseTo(1, 9);
      return mean(rows.map((row) => Math.max(...row)));
    };
    expect(await largest(0.1)).toBeGreaterThan(0.9);
    expect(await largest(10)).toBeLessThan(0.4);
  });
});

test("multiCategorical refuses logits that do not match the sizes", () => {
  t.program({ x: t.float32([2, 5]) }, ({ x }) => {
    expect(() => multiCategorical(x, [3, 3])).toThrow("logits [2, 5] do not end in 6, the sum of sizes 3, 3");
    return { x };
  });
});
