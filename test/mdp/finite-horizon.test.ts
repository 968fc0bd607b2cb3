/** @file Values and policies over a fixed number of steps. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.js";
import {
  expectedRewards,
  finiteHorizonEvaluate,
  finiteHorizonOccupancy,
  finiteHorizonValueIteration,
  inducedProcess,
  tabularModel,
  valueIteration,
} from "../../src/mdp/index.js";
import { corridorOptions, randomCase, randomTable } from "./random.js";

describe("finiteHorizonValueIteration", () => {
  it("has a time-dependent policy: with too few steps left, it ignores a distant reward", () => {
    // Going on costs 1 a step and the end pays 5; staying pays 0.
    const model = tabularModel({
      ...corridorOptions(4, 0.9),
      transitions: (s, a) => [{ next: s + a, probability: 1, reward: a === 0 ? 0 : s === 2 ? 4 : -1 }],
    });
    const { values, policy } = finiteHorizonValueIteration(model, { horizon: 4 });
    expect(Array.from(values.subarray(0, 4))).toEqual([2, 3, 4, 0]);
    const goesOn = (t: number, s: number) => policy[t * 8 + s * 2 + 1];
    // Waiting is free, and the first of two equally good actions: it goes on when it is now or never.
    expect([0, 1, 2, 3].map((t) => goesOn(t, 0))).toEqual([0, 1, 0, 0]);
    expect([0, 1, 2, 3].map((t) => goesOn(t, 2))).toEqual([0, 0, 0, 1]);
  });

  it("has the value of its own policy, and converges to the discounted optimum", () => {
    fc.assert(
      fc.property(randomCase({ discounts: [0.5, 0.8] }), ({ model, rng }) => {
        const { discount, states } = model;
        const solution = finiteHorizonValueIteration(model, { horizon: 150, discount });
        const own = finiteHorizonEvaluate(model, solution.policy, { horizon: 150, discount });
        const other = finiteHorizonEvaluate(model, randomTable(model, rng), { horizon: 150, discount });
        valueIteration(model).values.forEach((v, s) => {
          expect(solution.values[s]).toBeCloseTo(v, 8);
          expect(own[s]).toBeCloseTo(solution.values[s], 10);
          expect(other[s]).toBeLessThanOrEqual(solution.values[s] + 1e-10);
        });
        expect(solution.values.subarray(150 * states).every((v) => v === 0)).toBe(true);
      }),
      { seed: 7, numRuns: 40 },
    );
  });
});

describe("finiteHorizonEvaluate", () => {
  it("is the sum of rewards over the occupancy at each time", () => {
    fc.assert(
      fc.property(randomCase(), ({ model, rng }) => {
        const table = randomTable(model, rng);
        const horizon = 9;
        const rewards = expectedRewards(inducedProcess(model, table));
        const paid = finiteHorizonOccupancy(model, table, { horizon }).reduce(
          (sum, p, i) => sum + p * rewards[i % model.states],
          0,
        );
        const values = finiteHorizonEvaluate(model, table, { horizon });
        expect(model.initial.reduce((sum, p, s) => sum + p * values[s], 0)).toBeCloseTo(paid, 11);
      }),
      { seed: 8, numRuns: 60 },
    );
  });

  it("refuses a horizon that is not a positive integer", () => {
    const model = tabularModel(corridorOptions(3, 0.9));
    expect(() => finiteHorizonValueIteration(model, { horizon: 0 })).toThrow(UsageError);
    expect(() => finiteHorizonEvaluate(model, new Float64Array(6), { horizon: 1.5 })).toThrow(/not 1.5/);
  });
});
