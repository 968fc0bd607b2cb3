/** @file Apprenticeship learning: margins, mixtures, poor experts, and expectations from episodes. */

import { describe, expect, it } from "vitest";
import { type ApprenticeshipOptions, apprenticeship } from "../../../algorithms/index.js";
import { gridworld } from "../../../envs/gridworld/gridworld.js";
import type { TabularModel } from "../../../src/env/contracts.js";
import { discountedFlow, uniformTable, valueIteration } from "../../../src/mdp/index.js";
import { collect } from "../../../src/measure/collect.js";
import { TabularPolicy } from "../../../src/policies/index.js";
import { train } from "../../../src/runs/train.js";
import { expert, features, make, model, tableOf, value } from "./macro-cells.js";

/** Expected discounted features of the states that steps end in. */
function expectations(
  { states, actions, rowStart, next, probability, initial }: TabularModel,
  table: Float64Array,
) {
  const flow = discountedFlow(model, table, initial);
  const sums = new Float64Array(features[0].length);
  for (let pair = 0; pair < states * actions; pair++) {
    for (let e = rowStart[pair]; e < rowStart[pair + 1]; e++) {
      const visits = flow[Math.floor(pair / actions)] * table[pair] * probability[e];
      for (const [k, x] of features[next[e]].entries()) sums[k] += visits * x;
    }
  }
  return sums;
}
const distance = (a: Float64Array, b: Float64Array) => Math.hypot(...a.map((x, k) => x - b[k]));

describe.each(["max-margin", "projection"] as const)("apprenticeship by %s", (variant) => {
  it("ends with a margin below ε and a mixture whose features match the expert's within ε", async () => {
    const options: ApprenticeshipOptions = {
      expert,
      features: "task",
      variant,
      tolerance: 0.02,
      iterations: 80,
    };
    const { policy, metrics } = await train.run(apprenticeship(options), { env: make, seed: 0 });
    const margins = metrics.map(({ margin }) => margin);
    expect(margins.at(-1)).toBeLessThanOrEqual(0.02);
    for (let i = 1; i < margins.length; i++) expect(margins[i]).toBeLessThanOrEqual(margins[i - 1] + 1e-9);
    const [own, shown] = [tableOf(policy), tableOf(expert)].map((table) => expectations(model, table));
    expect(distance(own, shown)).toBeCloseTo(margins.at(-1)!, 6);
    // The true weights are no longer than 1: the value is as near.
    expect(Math.abs(value(tableOf(expert)) - value(tableOf(policy)))).toBeLessThanOrEqual(0.02);
    expect(metrics.at(-1)!.valueGap).toBeCloseTo(value(tableOf(expert)) - value(tableOf(policy)), 6);
  });

  it("learns a random policy from a random expert", async () => {
    const random = new TabularPolicy(model.states, uniformTable(model));
    const options: ApprenticeshipOptions = { expert: random, features, variant, iterations: 30 };
    const policy = await train(apprenticeship(options), { env: make, seed: 0 });
    const [own, chance, best] = [tableOf(policy), uniformTable(model), tableOf(expert)].map(value);
    expect(own - chance).toBeLessThan(0.2 * (best - chance));
  });
});

describe("apprenticeship with expectations from episodes", () => {
  // The future is worth five times what is seen before the time limit.
  const env = () =>
    gridworld({
      size: 4,
      discount: 0.99,
      maxEpisodeSteps: 20,
      goalTerminal: false,
      startAnywhere: true,
      layoutSeed: 1,
    });
  const endless = env().model!();
  const best = new TabularPolicy(endless.states, valueIteration(endless).policy);

  it("gives the result of exact expectations, with episodes truncated by the time limit", async () => {
    const demonstrations = await collect(best, { env, episodes: 100, seed: 0 });
    const learn = async (shown: Partial<ApprenticeshipOptions>) => {
      const { metrics } = await train.run(apprenticeship({ iterations: 6, ...shown }), { env, seed: 0 });
      const { margin, valueGap } = metrics.at(-1)!;
      return { margin, gap: Math.abs(valueGap) };
    };
    for (const shown of [{ demonstrations }, { expert: best }]) {
      const [exact, sampled] = [await learn(shown), await learn({ ...shown, episodes: 100 })];
      // Values are up to 1 / (1 − γ) = 100.
      expect(sampled.margin).toBeLessThan(exact.margin + 3);
      expect(sampled.gap).toBeLessThan(exact.gap + 3);
    }
  });
});
