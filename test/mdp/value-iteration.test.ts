/** @file Optimal values: against enumeration, closed forms, and the requested error. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TabularModel } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import {
  actionValues,
  advantage,
  deterministicTable,
  evaluatePolicy,
  greedyTable,
  randomModel,
  tabularModel,
  uniformTable,
  valueIteration,
} from "../../src/mdp/index.js";
import { createRng } from "../../src/random/rng.js";
import { corridorOptions, randomCase } from "./random.js";

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i])));

/** Policy iteration with linear solves (Howard 1960): exact, and nothing like value iteration. */
function policyIteration(model: TabularModel): Float64Array {
  let table = uniformTable(model);
  for (let round = 0; ; round++) {
    const values = evaluatePolicy(model, table, { method: "solve" });
    const greedy = greedyTable(model, actionValues(model, values));
    if (round > 0 && greedy.every((p, i) => p === table[i])) return values;
    if (round > 50) return values;
    table = greedy;
  }
}

describe("valueIteration", () => {
  it("equals policy iteration with linear solves", () => {
    fc.assert(
      fc.property(randomCase({ discounts: [0, 0.5, 0.9, 0.99, 0.9999], states: 25 }), ({ model }) => {
        const { values, q, policy } = valueIteration(model);
        const scale = 1 / (1 - model.discount);
        expect(largestDifference(values, policyIteration(model))).toBeLessThan(1e-9 * scale);
        expect(largestDifference(q, actionValues(model, values))).toBeLessThan(1e-9 * scale);
        expect(largestDifference(evaluatePolicy(model, policy), values)).toBeLessThan(1e-9 * scale);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it("counts its sweeps over all actions: two where the values are known, and the last", () => {
    const model = tabularModel(corridorOptions(5, 0.9));
    const { values, iterations } = valueIteration(model);
    expect(valueIteration(model, { guess: values }).iterations).toBe(3);
    expect(iterations).toBeGreaterThan(3);
  });

  it("is at least as good as every deterministic policy of a small model", () => {
    const model = randomModel(createRng(3), { states: 4, actions: 3, branching: 3, discount: 0.95 });
    const { values } = valueIteration(model);
    const best = new Float64Array(4).fill(-Infinity);
    for (let code = 0; code < 3 ** 4; code++) {
      const table = deterministicTable(
        model,
        [0, 1, 2, 3].map((s) => Math.floor(code / 3 ** s) % 3),
      );
      evaluatePolicy(model, table).forEach((v, s) => {
        best[s] = Math.max(best[s], v);
      });
    }
    expect(largestDifference(values, best)).toBeLessThan(1e-8);
  });

  it.each([1e-1, 1e-3, 1e-6])("keeps values and policy within a tolerance of %d", (tolerance) => {
    for (let seed = 0; seed < 20; seed++) {
      const model = randomModel(createRng(seed), { states: 60, actions: 3, branching: 3, discount: 0.995 });
      const exact = policyIteration(model);
      const { values, policy } = valueIteration(model, { tolerance });
      expect(largestDifference(values, exact)).toBeLessThanOrEqual(tolerance / 2);
      expect(largestDifference(evaluatePolicy(model, policy), exact)).toBeLessThanOrEqual(tolerance);
    }
  });

  it("gives −(1 − γⁿ) / (1 − γ) for a corridor of n steps, with γ = 0.9999 too", () => {
    const [length, discount] = [2000, 0.9999];
    const { values, policy, iterations } = valueIteration(tabularModel(corridorOptions(length, discount)), {
      tolerance: 1e-6,
    });
    const expected = Float64Array.from(values, (_, s) => (discount ** (length - 1 - s) - 1) / (1 - discount));
    expect(largestDifference(values, expected)).toBeLessThan(5e-7);
    expect(policy.subarray(0, 4)).toEqual(Float64Array.of(0, 1, 0, 1));
    // Plain value iteration takes 2000 sweeps for this, and 10⁵ where a state never gets out.
    expect(iterations).toBeLessThan(100);
  });

  it("chooses the first of equally good actions", () => {
    const model = tabularModel({
      states: 2,
      actions: 3,
      discount: 0.9,
      initial: 0,
      transitions: (s, a) => [{ next: 1 - s, probability: 1, reward: a === 0 ? 0 : 1 }],
    });
    expect(valueIteration(model).policy).toEqual(Float64Array.of(0, 1, 0, 0, 1, 0));
  });

  it("makes the values exactly the maximum of the action values", () => {
    const model = randomModel(createRng(5), { states: 30, actions: 4, branching: 5, discount: 0.97 });
    const { values, q } = valueIteration(model);
    values.forEach((v, s) => {
      expect(v).toBe(Math.max(...q.subarray(4 * s, 4 * s + 4)));
    });
    expect(Math.max(...advantage(model, values))).toBeCloseTo(0, 10);
  });

  it("solves a model without rewards", () => {
    const model = tabularModel({
      ...corridorOptions(4, 0.9),
      transitions: (s, a) => [{ next: s + a, probability: 1 }],
    });
    expect(valueIteration(model).values).toEqual(new Float64Array(4));
  });

  it("needs fewer sweeps from values close to the solution", () => {
    const model = randomModel(createRng(5), { states: 500, actions: 3, branching: 3, discount: 0.99 });
    const fromZeros = valueIteration(model);
    const guess = fromZeros.values.map((v) => v + 1e-6);
    const again = valueIteration(model, { guess });
    expect(again.iterations).toBeLessThan(fromZeros.iterations);
    expect(largestDifference(again.values, fromZeros.values)).toBeLessThan(1e-8);
  });

  it("starts from the smallest reward for ever, from where a distant goal spreads in few sweeps", () => {
    const [side, discount] = [60, 0.99];
    const clamp = (x: number) => Math.min(side - 1, Math.max(0, x));
    const model = tabularModel({
      states: side * side,
      actions: 4,
      discount,
      initial: 0,
      terminal: [side * side - 1],
      transitions: (s, a) =>
        [0, 1, 3].map((turn) => {
          const [down, right] = [-1, 0, 1, 0, -1, 0].slice((a + turn) % 4);
          const row = clamp(Math.floor(s / side) + down);
          return {
            next: row * side + clamp((s % side) + right),
            probability: turn === 0 ? 0.8 : 0.1,
            reward: -1,
          };
        }),
    });
    const found = valueIteration(model);
    const guess = new Float64Array(model.states).fill(-1 / (1 - discount));
    guess[model.states - 1] = 0;
    expect(found).toEqual(valueIteration(model, { guess }));
    const fromZeros = valueIteration(model, { guess: new Float64Array(model.states) });
    expect(found.iterations).toBeLessThan(fromZeros.iterations);
    expect(largestDifference(found.values, fromZeros.values)).toBeLessThan(1e-8);
    expect(largestDifference(found.values, evaluatePolicy(model, found.policy))).toBeLessThan(1e-8);
  });

  it("refuses a tolerance of 0 or below float64's resolution", () => {
    const model = tabularModel(corridorOptions(50, 0.9999));
    expect(() => valueIteration(model, { tolerance: 0 })).toThrow(UsageError);
    expect(() => valueIteration(model, { tolerance: 1e-13 })).toThrow(
      /float64 resolves about .*larger tolerance/,
    );
  });
});
