/** @file Policy iteration: agreement with value iteration, and improvement in every round. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  evaluatePolicy,
  policyIteration,
  randomModel,
  tabularModel,
  valueIteration,
} from "../../src/mdp/index.js";
import { createRng } from "../../src/random/rng.js";
import { corridorOptions, randomCase } from "./random.js";

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i])));

describe("policyIteration", () => {
  it("settles where many policies are equally good, up to the errors of iterated values", () => {
    // A slippery square, whose goal is in a corner: both ways along the diagonal are as long.
    const side = 21;
    const model = tabularModel({
      states: side * side,
      actions: 4,
      discount: 0.99,
      initial: 0,
      terminal: [side * side - 1],
      transitions: (s, a) =>
        [1, side, -1, -side].map((step, direction) => {
          const column = (s % side) + (step === 1 ? 1 : step === -1 ? -1 : 0);
          const leaves = column < 0 || column === side || s + step < 0 || s + step >= side * side;
          return { next: leaves ? s : s + step, probability: direction === a ? 0.7 : 0.1, reward: -1 };
        }),
    });
    expect(largestDifference(policyIteration(model).values, valueIteration(model).values)).toBeLessThan(1e-6);
  });

  it("equals value iteration", () => {
    fc.assert(
      fc.property(randomCase({ discounts: [0, 0.5, 0.9, 0.99, 0.9999], states: 25 }), ({ model }) => {
        const { values, policy, q } = policyIteration(model);
        const optimal = valueIteration(model);
        const scale = 1 / (1 - model.discount);
        expect(largestDifference(values, optimal.values)).toBeLessThan(2e-9 * scale);
        expect(largestDifference(q, optimal.q)).toBeLessThan(2e-9 * scale);
        expect(largestDifference(evaluatePolicy(model, policy), values)).toBeLessThan(1e-9 * scale);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it("counts its rounds: without rewards one, without a choice a second one of full precision", () => {
    const model = tabularModel(corridorOptions(3, 0.9));
    expect(policyIteration({ ...model, reward: new Float64Array(model.reward.length) }).iterations).toBe(1);
    const alone = randomModel(createRng(2), { states: 3, actions: 1, branching: 2, discount: 0.9 });
    expect(policyIteration(alone).iterations).toBe(2);
  });

  it("needs few rounds, also with too many states for a direct solution", () => {
    const model = randomModel(createRng(2), { states: 3000, actions: 4, branching: 4, discount: 0.99 });
    const { iterations, values } = policyIteration(model);
    expect(iterations).toBeLessThan(15);
    expect(largestDifference(values, valueIteration(model).values)).toBeLessThan(1e-7);
  });

  it("solves a long corridor", () => {
    const model = tabularModel(corridorOptions(300, 0.99));
    const { values, residual } = policyIteration(model);
    expect(largestDifference(values, valueIteration(model).values)).toBeLessThan(1e-8);
    expect(residual).toBeLessThan(1e-6);
  });
});
