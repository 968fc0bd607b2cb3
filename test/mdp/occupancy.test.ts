/** @file Occupancies of policies: sums, flow, and agreement with the definition. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  evaluatePolicy,
  expectedRewards,
  finiteHorizonOccupancy,
  occupancy,
  policyReturn,
  randomModel,
  stateActionOccupancy,
  tabularModel,
  uniformTable,
} from "../../src/mdp/index.js";
import { createRng } from "../../src/random/rng.js";
import { corridorOptions, randomCase, randomTable } from "./random.js";

const sum = (values: Float64Array) => values.reduce((total, x) => total + x, 0);

describe("occupancy", () => {
  it("is a distribution, over states and over pairs", () => {
    fc.assert(
      fc.property(randomCase(), ({ model, rng }) => {
        const table = randomTable(model, rng);
        const states = occupancy(model, table);
        const pairs = stateActionOccupancy(model, table);
        expect(sum(states)).toBeCloseTo(1, 11);
        expect(Math.min(...states)).toBeGreaterThanOrEqual(0);
        expect(sum(pairs)).toBeCloseTo(1, 11);
        states.forEach((d, s) => {
          const row = pairs.subarray(s * model.actions, (s + 1) * model.actions);
          expect(sum(row)).toBeCloseTo(d, 11);
        });
      }),
      { seed: 4, numRuns: 100 },
    );
  });

  it("is (1 − γ) Σ γᵗ P(sₜ = s), term by term", () => {
    fc.assert(
      fc.property(randomCase({ discounts: [0, 0.5, 0.9] }), ({ model, rng }) => {
        const table = randomTable(model, rng);
        const horizon = 300;
        const marginals = finiteHorizonOccupancy(model, table, { horizon });
        const series = new Float64Array(model.states);
        marginals.forEach((p, i) => {
          series[i % model.states] +=
            (1 - model.discount) * model.discount ** Math.floor(i / model.states) * p;
        });
        occupancy(model, table).forEach((d, s) => {
          expect(d).toBeCloseTo(series[s], 10);
        });
      }),
      { seed: 5, numRuns: 50 },
    );
  });

  it("gives J = Σ d(s, a) r(s, a) / (1 − γ)", () => {
    fc.assert(
      fc.property(randomCase(), ({ model, rng }) => {
        const table = randomTable(model, rng);
        const rewards = expectedRewards(model);
        const paid = sum(stateActionOccupancy(model, table).map((d, pair) => d * rewards[pair]));
        const value = policyReturn(model, evaluatePolicy(model, table));
        expect(paid / (1 - model.discount)).toBeCloseTo(value, 9);
      }),
      { seed: 6, numRuns: 100 },
    );
  });

  it.each([
    0.9, 0.9999,
  ])("is the same by iteration, on a model too large for elimination, with γ = %d", (discount) => {
    const model = randomModel(createRng(8), {
      states: 900,
      actions: 3,
      branching: 3,
      discount,
      terminals: 2,
    });
    const table = randomTable(model, createRng(9));
    const states = occupancy(model, table);
    expect(sum(states)).toBeCloseTo(1, 11);
    const rewards = expectedRewards(model);
    const paid = sum(stateActionOccupancy(model, table, states).map((d, pair) => d * rewards[pair]));
    const value = policyReturn(model, evaluatePolicy(model, table));
    expect(Math.abs(paid / (1 - discount) - value)).toBeLessThan(1e-8 / (1 - discount));
  });

  it("converges if thousands of states lead to one state and γ is near 1", () => {
    const rng = createRng(11);
    const model = tabularModel({
      states: 4000,
      actions: 1,
      discount: 0.99999,
      initial: 0,
      transitions: (s) => [
        { next: 0, probability: 0.3 },
        { next: (s + 1) % 4000, probability: 0.3 },
        { next: rng.integer(4000), probability: 0.4 },
      ],
    });
    expect(sum(occupancy(model, uniformTable(model)))).toBeCloseTo(1, 11);
  });

  it("assigns the weight of a terminated episode to its terminal state, and there to one action", () => {
    const model = tabularModel(corridorOptions(2, 0.9));
    const goOn = Float64Array.of(0, 1, 0.5, 0.5);
    const expected = [0.1, 0.9];
    occupancy(model, goOn).forEach((d, s) => {
      expect(d).toBeCloseTo(expected[s], 14);
    });
    expect(stateActionOccupancy(model, goOn)[3]).toBe(0);
  });
});

describe("finiteHorizonOccupancy", () => {
  it("sums to 1 at every time, and to the horizon in total", () => {
    const model = randomModel(createRng(10), { states: 7, actions: 2, branching: 2, discount: 0.9 });
    const marginals = finiteHorizonOccupancy(model, uniformTable(model), { horizon: 12 });
    expect(marginals).toHaveLength(12 * 7);
    for (let t = 0; t < 12; t++) expect(sum(marginals.subarray(7 * t, 7 * t + 7))).toBeCloseTo(1, 12);
    expect(sum(marginals)).toBeCloseTo(12, 11);
  });
});
