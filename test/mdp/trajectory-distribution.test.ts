/** @file The distribution over trajectories and causal entropy: mass, time dependence, and stochastic outcomes. */

import { describe, expect, it } from "vitest";
import { entryRewards } from "../../algorithms/irl/shared/features.js";
import type { TabularModel } from "../../src/env/contracts.js";
import {
  horizonFlow,
  randomModel,
  softFiniteHorizon,
  tabularModel,
  trajectoryDistribution,
  trajectoryFlow,
} from "../../src/mdp/index.js";
import { createRng } from "../../src/random/rng.js";
import { randomWorld } from "../algorithms/irl/likelihoods.js";

describe("occupancies", () => {
  const model = { ...randomWorld("occupancies") };
  model.reward = entryRewards(model, "next-state", Float64Array.of(1, -1, 0.5, 2, 1));
  const start = [...model.initial.keys()].map((state) => ({ time: 0, state, mass: model.initial[state] }));
  const sum = (x: Float64Array) => x.reduce((total, value) => total + value, 0);

  it("sum to the horizon, or to Σ γᵗ, with the time after an early termination included", () => {
    for (const discount of [1, 0.7]) {
      const options = { horizon: 7, discount };
      const total = Array.from({ length: 7 }, (_, t) => discount ** t).reduce((a, b) => a + b);
      const { policy } = softFiniteHorizon(model, options);
      const visits = horizonFlow(model, policy, start, options);
      expect(sum(visits)).toBeCloseTo(total, 10);
      // The absorbing state, and nothing else, is what its own transitions count.
      expect(sum(visits.subarray(model.rowStart[8]))).toBeGreaterThan(0.1);
      const { values } = trajectoryDistribution(model, options);
      expect(sum(trajectoryFlow(model, values, start, options))).toBeCloseTo(total, 10);
    }
  });

  it("belong to policies that depend on the remaining time", () => {
    const { policy } = softFiniteHorizon(model, { horizon: 7 });
    const at = (t: number) => policy.subarray(t * 10, t * 10 + 8);
    expect(Math.max(...at(0).map((p, i) => Math.abs(p - at(6)[i])))).toBeGreaterThan(0.05);
  });
});

describe("without a discount", () => {
  it("counts later rewards in full", () => {
    const world = randomWorld("whole");
    const whole = { horizon: 4, discount: 1 };
    const { values } = trajectoryDistribution(world, { horizon: 4 });
    expect(values).toEqual(trajectoryDistribution(world, whole).values);
    expect(values).not.toEqual(trajectoryDistribution(world, { horizon: 4, discount: 0.5 }).values);
    const start = [{ time: 0, state: 0, mass: 1 }];
    expect(trajectoryFlow(world, values, start, { horizon: 4 })).toEqual(
      trajectoryFlow(world, values, start, whole),
    );
  });
});

describe("the policy of terminal states", () => {
  it("is uniform at every time", () => {
    const { policy } = trajectoryDistribution(randomWorld("ends"), { horizon: 3 });
    for (let t = 0; t < 3; t++) expect([...policy.subarray(10 * t + 8, 10 * t + 10)]).toEqual([0.5, 0.5]);
  });
});

describe("stochastic outcomes", () => {
  /** In state 0, action 0 gambles for ±3 and action 1 takes nothing. */
  const odds = (win: number) =>
    tabularModel({
      states: 4,
      actions: 2,
      discount: 0.9,
      initial: 0,
      terminal: [1, 2, 3],
      transitions: (_, a) =>
        a === 1
          ? [{ next: 3, probability: 1 }]
          : [
              { next: 1, probability: win, reward: 3 },
              { next: 2, probability: 1 - win, reward: -3 },
            ],
    });
  const gambles = (model: TabularModel) =>
    [softFiniteHorizon, trajectoryDistribution].map((solve) => solve(model, { horizon: 1 }).policy[0]);

  it("bias the trajectory distribution towards a fair gamble, and not causal entropy", () => {
    const [causal, whole] = gambles(odds(0.5));
    expect(causal).toBeCloseTo(0.5, 12);
    expect(whole).toBeCloseTo(Math.cosh(3) / (Math.cosh(3) + 1), 12);
  });

  it("make no difference if they are deterministic", () => {
    const [causal, whole] = gambles(odds(1));
    expect(causal).toBeCloseTo(whole, 12);
    const walk = randomModel(createRng("certain"), { states: 8, actions: 3, branching: 1, discount: 0.9 });
    const options = { horizon: 6, discount: 1 };
    const [a, b] = [softFiniteHorizon(walk, options), trajectoryDistribution(walk, options)];
    for (const [i, p] of a.policy.entries()) expect(p).toBeCloseTo(b.policy[i], 10);
  });
});
