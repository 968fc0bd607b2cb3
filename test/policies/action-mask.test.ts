/** @file Masked policies: forbidden actions have probability 0, and gradients and entropies are those of the rest. */

import { describe, expect, it } from "vitest";
import * as ort from "#ort";
import {
  actorCritic,
  loadPolicy,
  NetworkPolicy,
  QPolicy,
  qNetwork,
  savePolicy,
  UniformPolicy,
} from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";
import { box, discrete, type Space } from "../../src/spaces/index.js";
import * as t from "../../src/tensor/index.js";

const bits = (n: number): Space => ({ kind: "multi-binary", n });
const observationSpace: Space = {
  kind: "dict",
  spaces: { before: box([2], -3, 3), actionMask: bits(4), after: discrete(3) },
};
const plainSpace: Space = { kind: "dict", spaces: { before: box([2], -3, 3), after: discrete(3) } };
const masks = [
  [1, 0, 1, 0],
  [0, 1, 0, 0],
  [1, 1, 1, 1],
  [0, 0, 1, 1],
];
const others = masks.map((_, i) => [Math.sin(i), Math.cos(3 * i), i % 3]);
const rows = Float32Array.from(
  masks.flatMap((mask, i) => [others[i][0], others[i][1], ...mask, others[i][2]]),
);
const unmasked = Float32Array.from(others.flat());
const network = { hidden: [5], activation: "tanh" as const };

const random = (length: number) => createRng("masked weights").fillNormal(new Float32Array(length));

/** exp(x) over the allowed entries of each row, normalised: what the masked policy must be. */
function renormalised(probabilities: ArrayLike<number>): number[] {
  return masks.flatMap((mask, i) => {
    const own = mask.map((allowed, a) => allowed * probabilities[i * 4 + a]);
    const total = own.reduce((sum, p) => sum + p);
    return own.map((p) => p / total);
  });
}

const settings = { observationSpace, actionSpace: discrete(4), ...network, critic: true };
const parametersOf = () => random(actorCritic(settings).layout.size);
const masked = new NetworkPolicy(settings, parametersOf());
const open = new NetworkPolicy({ ...settings, observationSpace: plainSpace }, parametersOf());

describe("a masked network policy", () => {
  it("is the policy without the mask, renormalised over the allowed actions, with probability exactly 0 for others", async () => {
    const table = await masked.probabilities!(rows);
    const expected = renormalised(await open.probabilities!(unmasked));
    for (const [k, p] of expected.entries()) {
      if (p === 0) expect(table[k]).toBe(0);
      else expect(table[k]).toBeCloseTo(p, 6);
    }
    expect(await masked.value!(rows)).toEqual(await open.value!(unmasked));
  });

  it("never takes a forbidden action, and has a forbidden action as no mode", async () => {
    const rng = createRng("draws");
    for (let k = 0; k < 200; k++) {
      for (const deterministic of [false, true]) {
        const { actions } = await masked.act(rows, { rng, deterministic });
        for (const [i, mask] of masks.entries()) expect(mask[actions[i]]).toBe(1);
      }
    }
  });

  it("is refused a mask without an allowed action", async () => {
    const none = rows.slice().fill(0, 2, 6);
    await expect(masked.act(none, { deterministic: true })).rejects.toThrow(
      "actionMask of observation 0 allows no action",
    );
  });

  it("has the mask after it was saved, and as an ONNX model", async () => {
    const loaded = loadPolicy(savePolicy(masked)) as NetworkPolicy;
    expect(await loaded.probabilities!(rows)).toEqual(await masked.probabilities!(rows));
    const session = await ort.InferenceSession.create(masked.toOnnx());
    const { logProbs } = await session.run({ observations: new ort.Tensor("float32", rows, [4, 7]) });
    const table = await masked.probabilities!(rows);
    for (const [k, logProb] of Array.from(logProbs.data as Float32Array).entries()) {
      expect(Math.exp(logProb)).toBeCloseTo(table[k], 6);
      if (table[k] === 0) expect(Math.exp(logProb)).toBe(0);
    }
  });

  it("has finite gradients, those of the logits of forbidden actions 0, and the entropy of the allowed actions", async () => {
    const { layout, evaluate } = actorCritic(settings);
    const program = t.program(
      { parameters: t.float32([layout.size]), observations: t.float32([4, 7]) },
      ({ parameters, observations }) => {
        const p = layout.unflatten(parameters);
        const { distribution } = evaluate(p, observations);
        const entropy = distribution.entropy();
        // Of the second row one action is allowed, of the first the actions 0 and 2.
        const logProbs = distribution.logProb(t.constant(Int32Array.of(0, 1, 3, 2), [4]));
        const first = t.slice(t.add(entropy, logProbs), 0, 1);
        return { entropy, gradient: layout.gradient(t.sum(first), p) };
      },
    );
    const { entropy, gradient } = await program.run({ parameters: masked.parameters, observations: rows });
    const table = renormalised(await open.probabilities!(unmasked));
    for (let i = 0; i < 4; i++) {
      const own = table.slice(4 * i, 4 * i + 4).filter((p) => p > 0);
      expect((entropy as Float32Array)[i]).toBeCloseTo(-own.reduce((sum, p) => sum + p * Math.log(p), 0), 5);
    }
    expect((gradient as Float32Array).every(Number.isFinite)).toBe(true);
    const bias = layout.views(gradient as Float32Array)["actor.output.bias"].data;
    expect([bias[1], bias[3]]).toEqual([0, 0]);
    expect(Math.abs(bias[0])).toBeGreaterThan(1e-3);
    // The two allowed probabilities sum to 1, so their logits pull against each other.
    expect(bias[0] + bias[2]).toBeCloseTo(0, 6);
  });

  it("masks each choice of multi-discrete actions", async () => {
    const sizes = [2, 3];
    const space: Space = { kind: "dict", spaces: { action_mask: bits(5), seen: box([1], -1, 1) } };
    const shape = {
      observationSpace: space,
      actionSpace: { kind: "multi-discrete" as const, sizes },
      ...network,
    };
    const { layout } = actorCritic({ ...shape, critic: false });
    const policy = new NetworkPolicy({ ...shape, critic: false }, random(layout.size));
    const seen = Float32Array.of(0, 1, 1, 0, 1, 0.3);
    const rng = createRng("choices");
    const drawn = new Set<string>();
    for (let k = 0; k < 60; k++) drawn.add((await policy.act(seen, { rng })).actions.join());
    expect([...drawn].sort()).toEqual(["1,0", "1,2"]);
    const logProbs = await Promise.all(
      [
        [1, 0],
        [1, 2],
        [1, 1],
        [0, 0],
      ].map(async (action) => (await policy.logProb(seen, Int32Array.from(action)))[0]),
    );
    expect(Math.exp(logProbs[0]) + Math.exp(logProbs[1])).toBeCloseTo(1, 6);
    expect(logProbs.slice(2).map(Math.exp)).toEqual([0, 0]);
  });

  it("masks with memory and a shared trunk too", async () => {
    const shape = { ...settings, sharedTrunk: true, recurrentUnits: 3 };
    const policy = new NetworkPolicy(shape, random(actorCritic(shape).layout.size));
    const rng = createRng("memory");
    let state: Float32Array | undefined;
    for (let k = 0; k < 40; k++) {
      const result = await policy.act(rows, { rng, state });
      state = result.state;
      for (const [i, mask] of masks.entries()) expect(mask[result.actions[i]]).toBe(1);
    }
  });
});

describe("a masked Q-network", () => {
  const shape = { observationSpace, actionSpace: discrete(4), ...network, duelling: false };
  const weights = random(qNetwork(shape).layout.size);

  it.each([0, 0.5, 1])("takes allowed actions alone, with exploration %f", async (exploration) => {
    const policy = new QPolicy(shape, weights, exploration);
    const table = await policy.probabilities(rows);
    const counts = new Float64Array(16);
    const rng = createRng("exploration");
    for (let k = 0; k < 400; k++) {
      const { actions } = await policy.act(rows, { rng });
      for (let i = 0; i < 4; i++) counts[4 * i + actions[i]] += 1 / 400;
    }
    for (const [i, mask] of masks.entries()) {
      const allowed = mask.reduce((a, b) => a + b);
      for (let a = 0; a < 4; a++) {
        const p = table[4 * i + a];
        if (!mask[a]) expect([p, counts[4 * i + a]]).toEqual([0, 0]);
        else expect(p).toBeGreaterThanOrEqual(exploration / allowed);
        expect(Math.abs(counts[4 * i + a] - p)).toBeLessThan(0.1);
      }
    }
  });

  it("has values of the unmasked network for allowed actions, and their mean as value of random actions", async () => {
    const plain = new QPolicy({ ...shape, observationSpace: plainSpace }, weights);
    const values = await plain.actionValues(unmasked);
    const own = await new QPolicy(shape, weights).actionValues(rows);
    const expected = masks.map((mask, i) => {
      const allowed = [0, 1, 2, 3].filter((a) => mask[a]).map((a) => values[4 * i + a]);
      for (let a = 0; a < 4; a++)
        expect(own[4 * i + a]).toBe(mask[a] ? values[4 * i + a] : Math.fround(-1e9));
      return allowed.reduce((sum, q) => sum + q, 0) / allowed.length;
    });
    const found = await new QPolicy(shape, weights, 1).value(rows);
    for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 5);
  });
});

describe("a masked uniform policy", () => {
  it("draws each allowed action equally often, and no other", async () => {
    const policy = new UniformPolicy(observationSpace, discrete(4));
    const rng = createRng("uniform");
    const counts = new Float64Array(16);
    for (let k = 0; k < 1000; k++) {
      const { actions } = await policy.act(rows, { rng });
      for (let i = 0; i < 4; i++) counts[4 * i + actions[i]] += 1 / 1000;
    }
    for (const [i, mask] of masks.entries()) {
      const share = 1 / mask.reduce((a, b) => a + b);
      for (let a = 0; a < 4; a++) {
        expect(Math.abs(counts[4 * i + a] - mask[a] * share)).toBeLessThan(mask[a] ? 0.06 : 1e-12);
      }
    }
    const logProbs = await policy.logProb(rows, Int32Array.of(0, 0, 3, 2));
    const expected = [-Math.LN2, -Infinity, -2 * Math.LN2, -Math.LN2];
    for (const [i, x] of expected.entries()) expect(logProbs[i]).toBeCloseTo(x, 6);
  });
});
