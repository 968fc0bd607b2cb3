import { describe, expect, test } from "vitest";
import {
  type Activation,
  activation,
  activationNames,
  cnn,
  gru,
  initialisers,
  layerNorm,
  layoutOf,
  type Module,
  mlp,
} from "../../src/nn/index.js";
import { createRng } from "../../src/random/rng.js";
import * as t from "../../src/tensor/index.js";
import { evaluate, expectClose, finiteDifferences, values } from "./support.js";

/** The output of a network with seeded parameters on seeded inputs, and the parameters by name. */
async function forward(network: Module, shape: number[], tolerance = 1e-5) {
  const layout = layoutOf(network.parameters);
  const rng = createRng("forward");
  const vector = layout.initialise(rng);
  const x = rng.fillNormal(new Float32Array(shape.reduce((a, b) => a * b, 1)));
  const inputs = { vector: values([layout.size], vector), x: values(shape, x) };
  let outputShape: t.Shape = [];
  const loss = (input: Record<string, t.Tensor>): t.Tensor =>
    t.sum(t.square(network.apply(layout.unflatten(input.vector), input.x)));
  const { out, gradient } = await evaluate(
    inputs,
    (input) => {
      const p = layout.unflatten(input.vector);
      const out = network.apply(p, input.x);
      outputShape = out.shape;
      return { out, gradient: layout.gradient(t.sum(t.square(out)), p) };
    },
    tolerance,
  );
  return { out, gradient, outputShape, inputs, loss, x, named: layout.views(vector) };
}

/** Row vector times matrix plus bias, in plain numbers. */
const affine = (x: ArrayLike<number>, weight: ArrayLike<number>, bias: ArrayLike<number>): number[] =>
  Array.from(bias, (b, j) =>
    Array.from(x).reduce((s, value, i) => s + value * weight[i * bias.length + j], b),
  );

const rows = (data: ArrayLike<number>, width: number): number[][] =>
  Array.from({ length: data.length / width }, (_, i) => Array.from(data).slice(i * width, (i + 1) * width));

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

describe("activations", () => {
  const reference: Record<Activation, (x: number) => number> = {
    tanh: Math.tanh,
    relu: (x) => Math.max(0, x),
    elu: (x) => (x > 0 ? x : Math.expm1(x)),
    // Φ at these points, from tables.
    gelu: (x) =>
      x *
      ({ "-2": 0.022750132, "-0.5": 0.308537539, "0": 0.5, "1": 0.841344746, "3": 0.998650102 }[x] as number),
    silu: (x) => x * sigmoid(x),
    sigmoid,
    softplus: (x) => Math.log1p(Math.exp(x)),
    identity: (x) => x,
  };
  test.each(activationNames)("%s has its values", async (name) => {
    const points = [-2, -0.5, 0, 1, 3];
    const { out } = await evaluate({ x: values([5], points) }, ({ x }) => ({
      out: t.add(activation(name)(x), 0.5),
    }));
    expectClose(
      out,
      points.map((x) => reference[name](x) + 0.5),
      1e-8,
    );
  });

  test("a misspelt name gets a suggestion", () => {
    expect(() => activation("rleu" as Activation)).toThrow('unknown activation "rleu"; did you mean "relu"?');
    expect(() => mlp({ inputs: 1, hidden: [1], outputs: 1, activation: "tahn" as Activation })).toThrow(
      '"tanh"?',
    );
  });
});

describe("mlp", () => {
  test("it equals its layers applied in sequence", async () => {
    const { out, outputShape, x, named } = await forward(
      mlp({ inputs: 3, hidden: [5, 4], outputs: 2 }),
      [6, 3],
    );
    expect(outputShape).toEqual([6, 2]);
    const layer = (name: string, row: number[]) =>
      affine(row, named[`${name}.weight`].data, named[`${name}.bias`].data);
    const expected = rows(x, 3).flatMap((row) =>
      layer("output", layer("hidden1", layer("hidden0", row).map(Math.tanh)).map(Math.tanh)),
    );
    expectClose(out, expected, 1e-12);
  });

  test("it accepts any number of leading axes", async () => {
    const { outputShape } = await forward(
      mlp({ inputs: 3, hidden: [4], outputs: 2, activation: "relu" }),
      [5, 2, 3],
    );
    expect(outputShape).toEqual([5, 2, 2]);
  });

  test("is linear without hidden layers", async () => {
    const { out, x, named } = await forward(mlp({ inputs: 3, hidden: [], outputs: 1 }), [1, 3]);
    expectClose(out, affine(x, named["output.weight"].data, named["output.bias"].data), 1e-12);
  });

  test("weights start orthogonal with the requested gains, and biases at zero", async () => {
    const { named } = await forward(mlp({ inputs: 6, hidden: [4], outputs: 1, outputGain: 0.01 }), [1, 6]);
    const norm = (data: Float32Array) => Math.hypot(...data);
    expect(norm(named["hidden0.weight"].data)).toBeCloseTo(Math.sqrt(4) * Math.SQRT2, 5);
    expect(norm(named["output.weight"].data)).toBeCloseTo(0.01, 6);
    expect(norm(named["hidden0.bias"].data)).toBe(0);
  });

  test("its gradient equals finite differences, with layer norm too", async () => {
    const network = mlp({ inputs: 2, hidden: [4, 3], outputs: 1, layerNorm: true, outputGain: 1 });
    const { gradient, inputs, loss } = await forward(network, [5, 2]);
    expectClose(gradient, finiteDifferences(inputs, "vector", loss), 1e-6);
  });
});

describe("layerNorm", () => {
  test("rows have the mean of the offset and the deviation of the scale", async () => {
    const norm = layerNorm(4, { epsilon: 0 });
    const { out } = await evaluate(
      {
        x: values([2, 4], [1, 2, 3, 4, -10, 0, 0, 10]),
        scale: values([4], [1, 1, 1, 2]),
        offset: values([4], [0, 0, 5, 0]),
      },
      ({ x, scale, offset }) => ({ out: norm.apply({ scale, offset }, x) }),
    );
    const [a, b] = [1 / Math.sqrt(1.25), 10 / Math.sqrt(50)];
    expectClose(out, [-1.5 * a, -0.5 * a, 5 + 0.5 * a, 3 * a, -b, 0, 5, 2 * b], 1e-12);
  });

  test("equal features give the offset", async () => {
    const { out } = await forward(layerNorm(3), [2, 3]);
    expect(out).toHaveLength(6);
    const constant = await evaluate({ x: values([1, 3], [7, 7, 7]) }, ({ x }) => ({
      out: layerNorm(3).apply({ scale: t.ones([3]), offset: t.zeros([3]) }, x),
    }));
    expectClose(constant.out, [0, 0, 0], 1e-6);
  });
});

describe("gru", () => {
  test("a step follows PyTorch's convention, computed by hand", async () => {
    // One input, one unit; x = 1, h = 0.5. Only the gates' own numbers differ, so that swapping any two shows.
    const { out } = await evaluate({ x: values([1, 1], [1]), h: values([1, 1], [0.5]) }, ({ x, h }) => ({
      out: gru({ inputs: 1, units: 1 }).step(
        {
          input: { weight: t.constant([0.1, 0.2, 0.3], [1, 3]), bias: t.constant([0.01, 0.02, 0.03]) },
          state: { weight: t.constant([0.4, 0.5, 0.6], [1, 3]), bias: t.constant([0.04, 0.05, 0.06]) },
        },
        x,
        h,
      ),
    }));
    const r = sigmoid(0.1 + 0.01 + 0.4 * 0.5 + 0.04);
    const z = sigmoid(0.2 + 0.02 + 0.5 * 0.5 + 0.05);
    const n = Math.tanh(0.3 + 0.03 + r * (0.6 * 0.5 + 0.06));
    expectClose(out, [(1 - z) * n + z * 0.5], 1e-7);
    // The same in digits: r = 0.586618, z = 0.627148, n = 0.493882.
    expect(out[0]).toBeCloseTo(0.49772, 5);
  });

  const [T, B, I, H] = [6, 3, 2, 4];
  const network = gru({ inputs: I, units: H });
  const layout = layoutOf(network.parameters);
  const rng = createRng("gru");
  const vector = layout.initialise(rng);
  const xs = rng.fillNormal(new Float32Array(T * B * I));
  const h0 = rng.fillNormal(new Float32Array(B * H));
  const named = layout.views(vector);

  /** The sequence in plain numbers. */
  function unroll(steps: number[][][], initial: number[][], resets: number[][]): number[][][] {
    let state = initial;
    return steps.map((step, time) => {
      state = step.map((x, b) => {
        const h = resets[time][b] ? state[b].map(() => 0) : state[b];
        const fromInput = affine(x, named["input.weight"].data, named["input.bias"].data);
        const fromState = affine(h, named["state.weight"].data, named["state.bias"].data);
        return h.map((value, k) => {
          const r = sigmoid(fromInput[k] + fromState[k]);
          const z = sigmoid(fromInput[H + k] + fromState[H + k]);
          const n = Math.tanh(fromInput[2 * H + k] + r * fromState[2 * H + k]);
          return (1 - z) * n + z * value;
        });
      });
      return state;
    });
  }

  const steps = rows(xs, I * B).map((step) => rows(step, I));
  const inputs = { vector: values([layout.size], vector), xs: values([T, B, I], xs), h0: values([B, H], h0) };

  test("a sequence equals its steps one after the other", async () => {
    const { states, last } = await evaluate(inputs, (x) =>
      network.sequence(layout.unflatten(x.vector), x.xs, x.h0),
    );
    const none = steps.map((step) => step.map(() => 0));
    const expected = unroll(steps, rows(h0, H), none);
    expectClose(states, expected.flat(2), 1e-12);
    expectClose(last, expected[T - 1].flat(), 1e-12);
  });

  test("a reset clears the memory of its own row only", async () => {
    const resets = steps.map((_, time) => [Number(time === 2), 0, Number(time === 0 || time === 4)]);
    const { states, fresh } = await evaluate({ ...inputs, resets: values([T, B], resets.flat()) }, (x) => {
      const p = layout.unflatten(x.vector);
      return {
        states: network.sequence(p, x.xs, x.h0, x.resets).states,
        fresh: network.sequence(p, t.slice(x.xs, 2, T), t.zeros([B, H])).states,
      };
    });
    expectClose(states, unroll(steps, rows(h0, H), resets).flat(2), 1e-12);
    const row = (data: Float64Array, time: number, b: number) =>
      data.slice((time * B + b) * H, (time * B + b + 1) * H);
    for (let time = 2; time < T; time++) expect(row(states, time, 0)).toEqual(row(fresh, time - 2, 0));
    expect(row(states, 2, 1)).not.toEqual(row(fresh, 0, 1));
  });

  test("the gradient through time equals finite differences, and stops at resets", async () => {
    const resets = steps.map((_, time) => [Number(time === 3), Number(time === 3), Number(time === 3)]);
    const all = { ...inputs, resets: values([T, B], resets.flat()) };
    const loss = (x: Record<string, t.Tensor>, p = layout.unflatten(x.vector)): t.Tensor => {
      const { states, last } = network.sequence(p, x.xs, x.h0, x.resets);
      return t.add(t.sum(t.square(states)), t.sum(last));
    };
    const { gradient, toStart } = await evaluate(
      all,
      (x) => {
        const p = layout.unflatten(x.vector);
        const { last } = network.sequence(p, x.xs, x.h0, x.resets);
        return { gradient: layout.gradient(loss(x, p), p), toStart: t.grad(t.sum(last), [x.h0])[0] };
      },
      1e-4,
    );
    expectClose(gradient, finiteDifferences(all, "vector", loss), 1e-6);
    expect(Math.max(...Array.from(toStart, Math.abs))).toBe(0);
  });

  test("steps accept a batch of a size known only at run time", async () => {
    const program = t.program({ x: t.float32(["batch", I]), h: t.float32(["batch", H]) }, ({ x, h }) => ({
      h: network.step(layout.unflatten(t.constant(vector)), x, h),
    }));
    const { h } = await program.run({ x: xs.slice(0, B * I), h: h0 });
    expectClose(h, unroll(steps.slice(0, 1), rows(h0, H), [[0, 0, 0]]).flat(2), 1e-5);
    await program.release();
  });
});

describe("cnn", () => {
  test("the Nature network turns 84 × 84 images into 3136 features", () => {
    const network = cnn({ input: [4, 84, 84], outputs: 6, initialiser: initialisers.zeros });
    const layout = layoutOf(network.parameters);
    const shapes = Object.fromEntries(layout.entries.map(({ name, shape }) => [name, shape]));
    expect(shapes["convolution0.weight"]).toEqual([32, 4, 8, 8]);
    expect(shapes["convolution2.bias"]).toEqual([64]);
    expect(shapes["head.hidden0.weight"]).toEqual([3136, 512]);
    t.program({ x: t.float32(["batch", 4, 84, 84]), p: t.float32([layout.size]) }, ({ x, p }) => {
      const out = network.apply(layout.unflatten(p), x);
      expect(out.shape).toEqual(["batch", 6]);
      return { out };
    });
  });

  const network = cnn({
    input: [2, 5, 4],
    convolutions: [
      { filters: 3, size: 2 },
      { filters: 2, size: 3, stride: 2, padding: 1 },
    ],
    hidden: [4],
    outputs: 1,
    activation: "tanh",
  });

  test("its values equal the sums written out", async () => {
    const { out, named, x } = await forward(network, [2, 2, 5, 4]);
    type Image = number[][][];
    const convolve = (image: Image, name: string, size: number, stride: number, padding: number): Image => {
      const { data: weight } = named[`${name}.weight`];
      const channels = image.length;
      const side = (length: number) => Math.floor((length + 2 * padding - size) / stride) + 1;
      return Array.from(named[`${name}.bias`].data, (bias, filter) =>
        Array.from({ length: side(image[0].length) }, (_, row) =>
          Array.from({ length: side(image[0][0].length) }, (_, column) => {
            let total = bias;
            for (let c = 0; c < channels; c++) {
              for (let i = 0; i < size; i++) {
                for (let j = 0; j < size; j++) {
                  const pixel = image[c][row * stride + i - padding]?.[column * stride + j - padding] ?? 0;
                  total += pixel * weight[((filter * channels + c) * size + i) * size + j];
                }
              }
            }
            return Math.tanh(total);
          }),
        ),
      );
    };
    const expected = rows(x, 40).map((flat) => {
      const image = rows(flat, 20).map((channel) => rows(channel, 4));
      const features = convolve(convolve(image, "convolution0", 2, 1, 0), "convolution1", 3, 2, 1).flat(2);
      const hidden = affine(features, named["head.hidden0.weight"].data, named["head.hidden0.bias"].data);
      return affine(
        hidden.map(Math.tanh),
        named["head.output.weight"].data,
        named["head.output.bias"].data,
      )[0];
    });
    expectClose(out, expected, 1e-12);
  });

  test("flattened images give the same values", async () => {
    const images = await forward(network, [3, 2, 5, 4]);
    const flat = await forward(network, [3, 40]);
    expect(flat.out).toEqual(images.out);
    expect(flat.outputShape).toEqual([3, 1]);
  });

  test("its gradient equals finite differences", async () => {
    const { gradient, inputs, loss } = await forward(network, [2, 40], 1e-4);
    expectClose(gradient, finiteDifferences(inputs, "vector", loss), 1e-6);
  });

  test("an image smaller than a kernel is refused", () => {
    expect(() => cnn({ input: [1, 10, 10], outputs: 2 })).toThrow(
      "cnn: convolution 1 has a 4×4 kernel, but its input is 1×1",
    );
  });
});
