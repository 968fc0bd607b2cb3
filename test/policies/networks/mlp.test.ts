/** @file The network "mlp": its layers, their normalisation, and a policy's gradient. */

import { describe, expect, it } from "vitest";
import * as nn from "../../../src/nn/index.js";
import { actorCritic, featuresOf, networkData } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { box, discrete } from "../../../src/spaces/index.js";
import * as t from "../../../src/tensor/index.js";
import { evaluate, expectClose, finiteDifferences, values } from "../../nn/support.js";

const space = box([3], -Infinity, Infinity);

describe('the network "mlp"', () => {
  it("has two layers of 64 tanh units by default", () => {
    expect(networkData("mlp")).toEqual({
      kind: "mlp",
      hidden: [64, 64],
      activation: "tanh",
      layerNorm: false,
    });
    const { width, parameters } = featuresOf(
      networkData({ kind: "mlp", hidden: [5, 2], layerNorm: true }),
      space,
    );
    expect(width).toBe(2);
    expect(Object.keys(parameters)).toEqual(["hidden0", "norm0", "hidden1", "norm1"]);
  });

  it("normalises each row of features before the activation", () => {
    const network = networkData({ kind: "mlp", hidden: [8], layerNorm: true, activation: "identity" });
    const { parameters, apply } = featuresOf(network, space);
    const layout = nn.layoutOf(parameters);
    const program = t.program({ p: t.float32([layout.size]), x: t.float32([4, 3]) }, ({ p, x }) => ({
      y: apply(layout.unflatten(p), x),
    }));
    const rng = createRng(0);
    const { y } = program.interpret({ p: layout.initialise(rng), x: rng.fillNormal(new Float32Array(12)) });
    for (let i = 0; i < 4; i++) {
      const row = [...y.slice(8 * i, 8 * i + 8)];
      const mean = row.reduce((a, b) => a + b, 0) / 8;
      expect(mean).toBeCloseTo(0, 10);
      expect(row.reduce((a, b) => a + (b - mean) ** 2, 0) / 8).toBeCloseTo(1, 3);
    }
  });

  it("has the gradient of finite differences with layer normalisation, in a policy with memory", async () => {
    const network = actorCritic({
      observationSpace: space,
      actionSpace: discrete(2),
      hidden: [3],
      activation: "tanh",
      network: networkData({ kind: "mlp", hidden: [4], layerNorm: true }),
      critic: true,
      recurrentUnits: 2,
    });
    const { layout, memoryWidth } = network;
    const rng = createRng("gradient");
    const inputs = {
      vector: values([layout.size], layout.initialise(rng)),
      x: values([2, 2, 3], rng.fillNormal(new Float32Array(12))),
      state: values([2, memoryWidth], rng.fillNormal(new Float32Array(2 * memoryWidth))),
    };
    const lossAt = (p: Parameters<typeof network.evaluate>[0], given: Record<string, t.Tensor>) => {
      const memory = { state: given.state, resets: t.constant([0, 0, 1, 0], [2, 2]) };
      const { distribution, value } = network.evaluate(p, given.x, memory);
      return t.add(
        t.sum(distribution.logProb(t.constant([0, 1, 1, 0], [4], "int32"))),
        t.sum(t.square(value())),
      );
    };
    const { gradient } = await evaluate(inputs, (given) => {
      const p = layout.unflatten(given.vector);
      return { gradient: layout.gradient(lossAt(p, given), p) };
    });
    const expected = finiteDifferences(inputs, "vector", (given) =>
      lossAt(layout.unflatten(given.vector), given),
    );
    expectClose(gradient, expected, 1e-6, "gradient");
  });
});
