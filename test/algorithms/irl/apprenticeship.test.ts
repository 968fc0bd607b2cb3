/** @file Apprenticeship learning: margins, mixtures, poor experts, and expectations from episodes. */

import { describe, expect, it } from "vitest";
import { type ApprenticeshipOptions, apprenticeship } from "../../../algorithms/index.js";
import { gridworld } from "../../../envs/gridworld/gridworld.js";
import { demonstrationsOf } from "../../../src/datasets/demonstrations.js";
import type { TabularModel } from "../../../src/env/contracts.js";
import { problemOf } from "../../../src/env/problem.js";
import { tabularEnvironment } from "../../../src/env/tabular-environment.js";
import { discountedFlow, tabularModel, uniformTable, valueIteration } from "../../../src/mdp/index.js";
import { collect } from "../../../src/measure/collect.js";
import { TabularPolicy } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { train } from "../../../src/runs/train.js";
import { discrete } from "../../../src/spaces/index.js";
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

describe("the projection of apprenticeship", () => {
  it("ends at the newest policy if the expert is out of reach of all mixtures", async () => {
    // Trying, action 0, succeeds half the time; the one who was watched tried once, and succeeded.
    const gamble = tabularModel({
      states: 3,
      actions: 2,
      discount: 0.5,
      initial: 0,
      terminal: [1, 2],
      transitions: (_, a) =>
        [1, 2].map((next) => ({ next, probability: a === 0 ? 0.5 : Number(next === 2), reward: 0 })),
    });
    const lucky = {
      observations: Float32Array.of(0, 1),
      actions: Int32Array.of(0),
      rewards: Float64Array.of(0),
      terminated: true,
      truncated: false,
    };
    const spaces = { observationSpace: discrete(3), actionSpace: discrete(2) };
    const demonstrations = demonstrationsOf([lucky], { env: "Gamble", ...spaces });
    const problem = await problemOf(() => tabularEnvironment("Gamble", gamble));
    const algorithm = apprenticeship({
      demonstrations,
      features: [[0], [1], [0]],
      rewardOf: "next-state",
      variant: "projection",
      iterations: 1,
    });
    const firsts = [];
    for (let seed = 0; seed < 8; seed++) {
      const state = await algorithm.init(problem, createRng(seed));
      firsts.push(state.responses[0].features[0]);
      const { margin } = await algorithm.update(state);
      expect(margin).toBeCloseTo(0.5, 12);
      // A first policy that does not try has features 0, and the expert is twice as far as one that tries.
      expect([...state.mixture]).toEqual(firsts[seed] === 0 ? [0, 1] : [1, 0]);
    }
    expect(new Set(firsts)).toEqual(new Set([0, 0.5]));
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
