/** @file Rewards of features: the gradient of each likelihood in a network's parameters, by finite differences. */

import { describe, expect, it } from "vitest";
import { causalDiscounted, causalHorizon } from "../../../../algorithms/irl/max-causal-ent-irl.js";
import { trajectoryLikelihood } from "../../../../algorithms/irl/max-ent-irl.js";
import { expectedVisits } from "../../../../algorithms/irl/shared/demonstrated-visits.js";
import { rewardModel } from "../../../../algorithms/irl/shared/feature-reward.js";
import { entryRewards, featureMap, modelRows, visitsOf } from "../../../../algorithms/irl/shared/features.js";
import { type SparseRows, sparseRows } from "../../../../algorithms/irl/shared/sparse-rows.js";
import * as nn from "../../../../src/nn/index.js";
import { createRng } from "../../../../src/random/rng.js";
import { discrete } from "../../../../src/spaces/index.js";
import { randomTable } from "../../../mdp/random.js";
import { DISCOUNT, HORIZON, randomWorld } from "../likelihoods.js";

describe("a reward network of features", () => {
  const model = randomWorld("networks");
  const reward = rewardModel(3, { hidden: [5], activation: "tanh" });
  const rng = createRng("network features");
  const features = Array.from({ length: 5 }, () => [...rng.fillNormal(new Float64Array(3))]);
  const spaces = { id: "Random", observationSpace: discrete(5), actionSpace: discrete(2), model };
  const map = featureMap("test", spaces, { features, rewardOf: "next-state" });
  const rows = modelRows(map, model);
  const expert = randomTable(model, createRng("network expert"));
  const horizon = { horizon: HORIZON, discount: DISCOUNT };
  const [always, limited] = [{ discount: DISCOUNT }, horizon].map((o) => expectedVisits(model, expert, o));

  it.each([
    [
      "discounted actions",
      causalDiscounted(model, always, "actions", { discount: DISCOUNT, accuracy: 1e-13 }),
    ],
    [
      "discounted moments",
      causalDiscounted(model, always, "moments", { discount: DISCOUNT, accuracy: 1e-13 }),
    ],
    ["actions over a horizon", causalHorizon(model, limited, "actions", horizon)],
    ["moments over a horizon", causalHorizon(model, limited, "moments", horizon)],
    ["trajectories", trajectoryLikelihood(model, limited, horizon)],
  ])("has the gradient of finite differences for the likelihood of %s", async (_, soft) => {
    // Larger than at the beginning, so that the network is not linear.
    const point = reward.initialise(createRng("network")).map((x) => 3 * x);
    const at = async (x: Float64Array) =>
      soft.evaluate(entryRewards(model, "next-state", await reward.rewards(x, rows)));
    const slope = visitsOf(model, "next-state", (await at(point)).slope);
    const gradient = await reward.gradient(point, rows, slope);
    expect(gradient.length).toBe(reward.size);
    expect(Math.hypot(...gradient)).toBeGreaterThan(0.05);
    // The network is in float32: smaller steps are lost in rounding.
    const step = 5e-3;
    for (const [i, own] of gradient.entries()) {
      const moved = async (by: number) =>
        (await at(point.map((x, j) => (j === i ? x + by : x)))).logLikelihood;
      expect(Math.abs(((await moved(step)) - (await moved(-step))) / (2 * step) - own)).toBeLessThan(5e-4);
    }
  });

  it("has a gradient that is linear in slopes of any size, also beyond float32", async () => {
    const point = reward.initialise(createRng("network"));
    const signs = [1, -0.5, 0.25, -0.125, 0.3].map((x) => x - 0.4);
    const of = (slope: number[]) => reward.gradient(point, rows, Float64Array.from(slope));
    const usual = await of(signs);
    const falling = await of(signs.map((x) => -Math.abs(x)));
    for (const size of [1e39, 1e-60]) {
      for (const [slopes, expected] of [
        [signs, usual],
        [signs.map((x) => -Math.abs(x)), falling],
      ] as const) {
        const found = await of(slopes.map((x) => x * size));
        for (const [i, x] of expected.entries()) expect(found[i] / size).toBeCloseTo(x, 5);
      }
    }
    const first = await of([1, 0, 0, 0, 0]);
    const found = await of([1e39, 0, 0, 0, 1e-3]);
    for (const [i, x] of first.entries()) expect(found[i] / 1e39).toBeCloseTo(x, 5);
    expect(await of([0, 0, 0, 0, 0])).toEqual(new Float64Array(reward.size));
  });
});

describe("a reward model", () => {
  it("without hidden layers is linear, starts at 0, and reads rows of any number", async () => {
    const model = rewardModel(2, { hidden: [], activation: "tanh" });
    const rows = sparseRows(2, 2, (row, put) => {
      put(row, 2 + row);
    });
    expect([model.size, model.linear]).toEqual([2, true]);
    expect([...model.initialise(createRng(0))]).toEqual([0, 0]);
    expect([...(await model.rewards(Float64Array.of(5, 7), rows))]).toEqual([10, 21]);
    const none = new Float64Array(2);
    expect([...(await model.gradient(none, rows, Float64Array.of(1, -1)))]).toEqual([2, -3]);
    // The members of an ensemble stand one after the other.
    const two = rewardModel(2, { hidden: [], activation: "tanh", members: 2 });
    expect([...(await two.rewards(Float64Array.of(5, 7, 1, 2), rows))]).toEqual([10, 21, 2, 6]);
    const slopes = Float64Array.of(1, -1, 2, 3);
    expect([...(await two.gradient(new Float64Array(4), rows, slopes))]).toEqual([2, -3, 4, 9]);
    expect(model.reads({ rows: 1e6, width: 1e6 } as SparseRows)).toBe(true);
  });

  it("with hidden layers starts with small rewards: the weights of its output have norm 0.1", () => {
    const model = rewardModel(2, { hidden: [3], activation: "tanh" });
    const initial = model.initialise(createRng(0));
    // The weights [2, 3] and biases [3] of the hidden layer, then the output's, and its bias.
    expect(initial.length).toBe(2 * 3 + 3 + 3 + 1);
    const layout = nn.layoutOf(nn.mlp({ inputs: 2, hidden: [3], outputs: 1, activation: "tanh" }).parameters);
    const { data } = layout.views(Float32Array.from(initial))["output.weight"];
    expect(Math.hypot(...data)).toBeCloseTo(0.1, 6);
  });

  it("with hidden layers reads at most 5e7 numbers in one run", async () => {
    const model = rewardModel(2, { hidden: [3], activation: "tanh" });
    expect(model.linear).toBe(false);
    expect(model.reads({ rows: 25e6, width: 2 } as SparseRows)).toBe(true);
    const many = { rows: 25e6 + 1, width: 2 } as SparseRows;
    expect(model.reads(many)).toBe(false);
    await expect(model.rewards(model.initialise(createRng(0)), many)).rejects.toThrow(
      "cannot read 25000001 rows of 2 features in one run; give fewer features",
    );
  });
});
