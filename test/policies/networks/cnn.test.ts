/** @file The network "cnn": boxes as images, its values, and its gradient. */

import { describe, expect, it } from "vitest";
import * as nn from "../../../src/nn/index.js";
import { actorCritic, featuresOf, type NetworkData } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { box, discrete, type Space } from "../../../src/spaces/index.js";
import * as t from "../../../src/tensor/index.js";
import { evaluate, expectClose, finiteDifferences, values } from "../../nn/support.js";

const convolutions = [{ filters: 2, size: 2 }];
const cnn = (options: Partial<NetworkData> = {}): NetworkData => ({
  kind: "cnn",
  activation: "identity",
  scale: true,
  convolutions,
  ...options,
});

/** The features of rows, with seeded weights. */
function run(network: NetworkData, space: Space, rows: ArrayLike<number>, standardised = false) {
  const { parameters, apply } = featuresOf(network, space, { standardised });
  const layout = nn.layoutOf(parameters);
  const width = (space as { low: number[] }).low.length;
  const shape = [rows.length / width, width];
  const program = t.program({ x: t.float32(shape), p: t.float32([layout.size]) }, ({ x, p }) => ({
    y: apply(layout.unflatten(p), x),
  }));
  return program.interpret({ x: rows, p: layout.initialise(createRng("weights")) }).y;
}

/** 2 images of 3 × 4 pixels and 5 channels as nested functions of the pixel, in either order. */
const pixel = (image: number, row: number, column: number, channel: number) =>
  Math.sin(image + 2 * row + 3 * column + 5 * channel);
const channelsLast = Float64Array.from({ length: 120 }, (_, i) =>
  pixel(Math.floor(i / 60), Math.floor(i / 20) % 3, Math.floor(i / 5) % 4, i % 5),
);
const channelsFirst = Float64Array.from({ length: 120 }, (_, i) =>
  pixel(Math.floor(i / 60), Math.floor(i / 4) % 3, i % 4, Math.floor(i / 12) % 5),
);
const unbounded = (shape: number[]) => box(shape, -Infinity, Infinity);

describe('the network "cnn"', () => {
  it("sees the same image with channels first or last", () => {
    const last = run(cnn({ channels: "last" }), unbounded([3, 4, 5]), channelsLast);
    const first = run(cnn({ channels: "first" }), unbounded([5, 3, 4]), channelsFirst);
    expect(last).toHaveLength(2 * 2 * 2 * 3);
    expectClose(last, first, 1e-12);
    const mistaken = run(cnn({ channels: "first" }), unbounded([5, 3, 4]), channelsLast);
    expect(Math.max(...mistaken.map((y, i) => Math.abs(y - first[i])))).toBeGreaterThan(0.1);
  });

  it("uses the smaller of the first and the last dimension as channels", () => {
    const width = (shape: number[]) => featuresOf(cnn(), unbounded(shape)).parameters.convolution0;
    const channels = (shape: number[]) =>
      (width(shape) as nn.TensorTree as unknown as { weight: nn.Parameter }).weight.shape[1];
    expect(channels([3, 8, 9])).toBe(3);
    expect(channels([8, 9, 3])).toBe(3);
    expect(channels([6, 6, 6])).toBe(6);
    expect(channels([8, 9])).toBe(1);
  });

  it("convolves: a feature is the sum over a window of pixels times the kernel", () => {
    const space = unbounded([2, 3]);
    const image = [1, 2, 3, 4, 5, 6];
    const { parameters } = featuresOf(cnn(), space);
    const { data } = nn.layoutOf(parameters).views(nn.layoutOf(parameters).initialise(createRng("weights")))[
      "convolution0.weight"
    ];
    const window = (column: number) => [0, 1, 3, 4].map((i) => image[i + column]);
    const expected = [0, 1].flatMap((filter) =>
      [0, 1].map((column) => window(column).reduce((sum, x, k) => sum + x * data[4 * filter + k], 0)),
    );
    expectClose(run(cnn(), space, image), expected, 1e-6);
  });

  it("scales pixels to [0, 1] by the bounds of the box, unless disabled", () => {
    const bytes = Float64Array.from({ length: 12 }, (_, i) => (i * 37) % 256);
    const scaled = run(cnn(), box([3, 4], 0, 255), bytes);
    expectClose(
      scaled,
      run(
        cnn(),
        unbounded([3, 4]),
        bytes.map((x) => x / 255),
      ),
      1e-6,
    );
    expectClose(
      run(cnn({ scale: false }), box([3, 4], 0, 255), bytes),
      run(cnn(), unbounded([3, 4]), bytes),
      1e-9,
    );
    expectClose(
      run(cnn(), box([3, 4], -1, 3), bytes),
      run(
        cnn(),
        unbounded([3, 4]),
        bytes.map((x) => (x + 1) / 4),
      ),
      1e-6,
    );
  });

  it("does not scale standardised observations", () => {
    const rows = createRng(0).fillNormal(new Float32Array(12));
    const plain = run(cnn(), unbounded([3, 4]), rows);
    expect(run(cnn(), box([3, 4], 0, 255), rows, true)).toEqual(plain);
    expect(run(cnn(), box([3, 4], 0, 255), rows)).not.toEqual(plain);
  });

  it("has small convolutions for small images, and those of Mnih et al. for large ones", () => {
    const of = (shape: number[]) =>
      nn
        .layoutOf(featuresOf({ ...cnn(), convolutions: undefined }, unbounded(shape)).parameters)
        .entries.filter(({ name }) => name.endsWith("weight"))
        .map(({ shape }) => shape);
    expect(of([8, 8, 3])).toEqual([
      [16, 3, 3, 3],
      [32, 16, 3, 3],
    ]);
    expect(of([84, 84, 4])).toEqual([
      [32, 4, 8, 8],
      [64, 32, 4, 4],
      [64, 64, 3, 3],
    ]);
  });

  it("refuses observations that are not images, and kernels larger than the image", () => {
    expect(() => featuresOf(cnn(), discrete(9))).toThrow(
      /network "cnn" needs images, boxes of shape .*; the observations are Discrete\(9\)/,
    );
    expect(() => featuresOf(cnn(), unbounded([9]))).toThrow(/the observations are Box\(9\)/);
    expect(() => featuresOf(cnn({ convolutions: [{ filters: 1, size: 5 }] }), unbounded([4, 4]))).toThrow(
      /has a 5×5 kernel, but its input is 4×4/,
    );
  });

  it.each([
    false,
    true,
  ])("has the gradient of finite differences in a policy with a critic, sharedTrunk %s", async (sharedTrunk) => {
    const network = actorCritic({
      observationSpace: box([4, 4, 2], 0, 255),
      actionSpace: discrete(3),
      hidden: [3],
      activation: "tanh",
      network: cnn({ activation: "silu", convolutions: [{ filters: 2, size: 2, stride: 2, padding: 1 }] }),
      critic: true,
      sharedTrunk,
    });
    const { layout } = network;
    const rng = createRng("gradient");
    const inputs = {
      vector: values([layout.size], layout.initialise(rng)),
      x: values(
        [3, 32],
        Float32Array.from({ length: 96 }, () => rng.integer(256)),
      ),
    };
    const loss = (given: Record<string, t.Tensor>) => {
      const { distribution, value } = network.evaluate(layout.unflatten(given.vector), given.x);
      return t.add(t.sum(t.square(distribution.entropy())), t.sum(t.square(value())));
    };
    const { gradient } = await evaluate(inputs, (given) => {
      const p = layout.unflatten(given.vector);
      const { distribution, value } = network.evaluate(p, given.x);
      return {
        gradient: layout.gradient(
          t.add(t.sum(t.square(distribution.entropy())), t.sum(t.square(value()))),
          p,
        ),
      };
    });
    expectClose(gradient, finiteDifferences(inputs, "vector", loss), 1e-6, "gradient");
    expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(0.1);
  });
});
