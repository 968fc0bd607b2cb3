/** @file Q-networks and their policy: choices and their frequencies, file and export. */

import { describe, expect, it } from "vitest";
import * as ort from "#ort";
import { loadPolicy, QPolicy, qNetwork, savePolicy } from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";
import { box, discrete } from "../../src/spaces/index.js";
import * as t from "../../src/tensor/index.js";

const observationSpace = box([3], -1, 1);
const ROWS = 20;
const observations = createRng("observations")
  .fillNormal(new Float32Array(3 * ROWS))
  .map((x) => 3 * x);

/** Random weights, biases included. */
function policyOf(changes: { duelling?: boolean; hidden?: number[]; exploration?: number } = {}): QPolicy {
  const { duelling = false, hidden = [8, 5], exploration = 0 } = changes;
  const settings = {
    observationSpace,
    actionSpace: discrete(4),
    hidden,
    activation: "tanh" as const,
    duelling,
  };
  const { layout } = qNetwork(settings);
  return new QPolicy(settings, createRng("q weights").fillNormal(new Float32Array(layout.size)), exploration);
}

const best = (values: ArrayLike<number>, row: number) => {
  const own = Array.from(values).slice(row * 4, row * 4 + 4);
  return own.indexOf(Math.max(...own));
};

describe("action values of one or two rows", () => {
  it.each([
    "tanh",
    "relu",
    "identity",
    "elu",
  ] as const)("equal those of the program, with %s", async (activation) => {
    const { settings, parameters } = policyOf();
    const policy = new QPolicy({ ...settings, activation }, parameters);
    // A row by itself is computed in plain loops, where the activation has one; thousands are not.
    const many = Float32Array.from({ length: 3 * 4000 }, (_, k) => observations[k % observations.length]);
    const all = await policy.actionValues(many);
    for (let i = 0; i < ROWS; i++) {
      const row = await policy.actionValues(observations.subarray(3 * i, 3 * i + 3));
      row.forEach((value, a) => {
        expect(value).toBeCloseTo(all[4 * i + a], 4);
      });
    }
  });
});

describe("a duelling network", () => {
  it("is the value plus the advantages, with mean 0 over the actions", () => {
    const { settings, parameters } = policyOf({ duelling: true, hidden: [] });
    const network = qNetwork(settings);
    expect(network.layout.entries.map(({ name }) => name)).toEqual([
      "value.output.weight",
      "value.output.bias",
      "advantages.output.weight",
      "advantages.output.bias",
    ]);
    const { values } = t
      .program({ x: t.float32([ROWS, 3]) }, ({ x }) => ({
        values: network.values(network.layout.unflatten(t.constant(parameters, [parameters.length])), x),
      }))
      .interpret({ x: observations });
    for (let i = 0; i < ROWS; i++) {
      const x = observations.subarray(3 * i, 3 * i + 3);
      const dot = (at: number, width: number, bias: number) =>
        x.reduce((sum, xk, k) => sum + xk * parameters[at + k * width], parameters[bias]);
      const value = dot(0, 1, 3);
      const advantages = [0, 1, 2, 3].map((a) => dot(4 + a, 4, 16 + a));
      const centre = advantages.reduce((sum, a) => sum + a, 0) / 4;
      advantages.forEach((a, k) => {
        expect(values[4 * i + k]).toBeCloseTo(value + a - centre, 9);
      });
    }
  });

  it("shares all hidden layers except the last", () => {
    const { settings } = policyOf({ duelling: true, hidden: [8, 5] });
    const shapes = Object.fromEntries(
      qNetwork(settings).layout.entries.map(({ name, shape }) => [name, shape]),
    );
    expect(shapes).toMatchObject({
      "trunk.hidden0.weight": [3, 8],
      "value.hidden0.weight": [8, 5],
      "value.output.weight": [5, 1],
      "advantages.hidden0.weight": [8, 5],
      "advantages.output.weight": [5, 4],
    });
    expect(Object.keys(shapes)).toHaveLength(10);
  });
});

describe.each([false, true])("a Q-policy whose network has duelling: %s", (duelling) => {
  it("takes the best action of each row, and always if deterministic", async () => {
    const rng = createRng(0);
    const policy = policyOf({ duelling });
    const values = await policy.actionValues(observations);
    const expected = Int32Array.from({ length: ROWS }, (_, i) => best(values, i));
    expect(new Set(expected).size).toBeGreaterThan(1);
    expect((await policy.act(observations, { rng })).actions).toEqual(expected);
    policy.exploration = 1;
    expect((await policy.act(observations, { rng, deterministic: true })).actions).toEqual(expected);
  });

  it("round-trips through its file, exploration included", async () => {
    const policy = policyOf({ duelling, exploration: 0.3 });
    const loaded = loadPolicy(savePolicy(policy)) as QPolicy;
    expect(loaded.exploration).toBe(0.3);
    expect(await loaded.actionValues(observations)).toEqual(await policy.actionValues(observations));
    const act = (p: QPolicy) => p.act(observations, { rng: createRng(2) });
    expect(await act(loaded)).toEqual(await act(policy));
  });

  it("exports to ONNX: the best actions and the values of all", async () => {
    const policy = policyOf({ duelling });
    const session = await ort.InferenceSession.create(policy.toOnnx());
    const input = new ort.Tensor("float32", observations, [ROWS, 3]);
    const { actions, actionValues } = await session.run({ observations: input });
    const { actions: chosen } = await policy.act(observations, { rng: createRng(0), deterministic: true });
    expect(Array.from(actions.data as ArrayLike<number>, Number)).toEqual([...chosen]);
    const expected = await policy.actionValues(observations);
    (actionValues.data as Float32Array).forEach((q, k) => {
      expect(q).toBeCloseTo(expected[k], 5);
    });
  });
});

describe("an exploring Q-policy", () => {
  const policy = policyOf({ exploration: 0.4 });

  it("takes the best action with probability 1 − ε + ε/n and each other with ε/n", async () => {
    const probabilities = (await policy.probabilities(observations.subarray(0, 3))) as Float64Array;
    const values = await policy.actionValues(observations.subarray(0, 3));
    const expected = [0, 1, 2, 3].map((a) => (a === best(values, 0) ? 0.7 : 0.1));
    expected.forEach((p, a) => {
      expect(probabilities[a]).toBeCloseTo(p, 12);
    });
    const draws = 4000;
    const rows = new Float32Array(3 * draws);
    for (let i = 0; i < draws; i++) rows.set(observations.subarray(0, 3), 3 * i);
    const { actions } = await policy.act(rows, { rng: createRng("draws") });
    // χ² with 3 degrees of freedom is above 16.3 once in a thousand.
    const chiSquare = expected.reduce((sum, p, a) => {
      const seen = (actions as Int32Array).filter((x) => x === a).length;
      return sum + (seen - draws * p) ** 2 / (draws * p);
    }, 0);
    expect(chiSquare).toBeLessThan(16.3);
  });

  it("gives the log-probability of any action, and the value under exploration", async () => {
    const probabilities = await policy.probabilities(observations);
    const values = await policy.actionValues(observations);
    const actions = Int32Array.from({ length: ROWS }, (_, i) => i % 4);
    const logProbs = await policy.logProb(observations, actions);
    const states = await policy.value(observations);
    for (let i = 0; i < ROWS; i++) {
      expect(logProbs[i]).toBeCloseTo(Math.log(probabilities[4 * i + actions[i]]), 5);
      const expected = [0, 1, 2, 3].reduce((sum, a) => sum + probabilities[4 * i + a] * values[4 * i + a], 0);
      expect(states[i]).toBeCloseTo(expected, 5);
    }
  });
});

describe("a Q-network", () => {
  it("refuses actions that are not discrete, and weights of another network", () => {
    const { settings, parameters } = policyOf();
    expect(() => qNetwork({ ...settings, actionSpace: box([2], -1, 1) })).toThrow(
      /needs discrete actions, not/,
    );
    expect(() => new QPolicy(settings, parameters.slice(1))).toThrow(
      /has 101 parameters, but the vector has 100/,
    );
  });
});
