/** @file DQN's targets with action masks, by hand: the best allowed action of the next state. */

import { describe, expect, it } from "vitest";
import { type DqnBatch, dqnTerms } from "../../../algorithms/rl/dqn/loss.js";
import { qNetwork } from "../../../src/policies/index.js";
import { discrete, type Space } from "../../../src/spaces/index.js";
import * as t from "../../../src/tensor/index.js";

const observationSpace: Space = {
  kind: "dict",
  spaces: { state: discrete(2), actionMask: { kind: "multi-binary", n: 3 } },
};
const network = qNetwork({
  observationSpace,
  actionSpace: discrete(3),
  hidden: [],
  activation: "tanh",
  duelling: false,
});

/** A table of values as the weights of the linear network, whose biases are 0. */
const table = (values: number[][]) =>
  network.layout.fromNamed({
    "output.weight": { shape: [2, 3], data: Float32Array.from(values.flat()) },
    "output.bias": { shape: [3], data: new Float32Array(3) },
  });

const parameters = table([
  [0, 0, 0],
  [5, 2, 9],
]);
const targets = table([
  [0, 0, 0],
  [1, 7, 30],
]);

async function termsOf(nextMask: number[], discount: number, double: boolean) {
  const rows = t.float32([1, 4]);
  const shapes = {
    parameters: t.float32([network.layout.size]),
    targets: t.float32([network.layout.size]),
    observations: rows,
    actions: t.int32([1]),
    returns: t.float32([1]),
    nextObservations: rows,
    discounts: t.float32([1]),
  };
  const program = t.program(shapes, (given) => {
    const p = network.layout.unflatten(given.parameters);
    const q = network.layout.unflatten(given.targets);
    const { target, loss } = dqnTerms(network, p, q, given as unknown as DqnBatch, {
      double,
      huberThreshold: 10,
    });
    return { target, gradient: network.layout.gradient(loss, p) };
  });
  const { target, gradient } = await program.run({
    ...{ parameters, targets, actions: Int32Array.of(1), returns: Float32Array.of(3) },
    observations: Float32Array.of(0, 1, 1, 0),
    nextObservations: Float32Array.of(1, ...nextMask),
    discounts: Float32Array.of(discount),
  });
  return { target: (target as Float32Array)[0], gradient: Array.from(gradient as Float32Array) };
}

describe("the target of DQN with masks", () => {
  it("is that of the best allowed action of the next state", async () => {
    // Double: the network prefers action 0 (5) to 1 (2), whose value of the target network is 1. Single: the larger is 7.
    expect((await termsOf([1, 1, 0], 0.5, true)).target).toBe(3 + 0.5 * 1);
    expect((await termsOf([1, 1, 0], 0.5, false)).target).toBe(3 + 0.5 * 7);
    expect((await termsOf([1, 1, 1], 0.5, true)).target).toBe(3 + 0.5 * 30);
  });

  it("is the return at a terminal state, where nothing is allowed, with finite gradients", async () => {
    for (const double of [true, false]) {
      const { target, gradient } = await termsOf([0, 0, 0], 0, double);
      expect(target).toBe(3);
      expect(gradient.every(Number.isFinite)).toBe(true);
      expect(gradient.some((x) => x !== 0)).toBe(true);
    }
  });
});
