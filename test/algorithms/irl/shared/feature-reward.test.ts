/** @file Rewards of features: the gradient of each likelihood in a network's parameters, by finite differences. */

import { describe, expect, it } from "vitest";
import { causalDiscounted, causalHorizon } from "../../../../algorithms/irl/max-causal-ent-irl.js";
import { trajectoryLikelihood } from "../../../../algorithms/irl/max-ent-irl.js";
import { expectedVisits } from "../../../../algorithms/irl/shared/demonstrated-visits.js";
import { rewardModel } from "../../../../algorithms/irl/shared/feature-reward.js";
import { entryRewards, featureMap, modelRows, visitsOf } from "../../../../algorithms/irl/shared/features.js";
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
});
