/** @file The exact comparison of two policies on examples solved by hand. */

import { describe, expect, it } from "vitest";
import { exactDiagnostics } from "../../src/diagnostics/index.js";
import { UsageError } from "../../src/errors.js";
import { tabularModel } from "../../src/mdp/index.js";

/**
 * From state 0, action 0 earns 1 and comes back, action 1 leads to the terminal state 1 for nothing. With γ = ½ the
 * expert that always comes back is worth 2, and the learner that never does is worth 0.
 */
const model = tabularModel({
  states: 2,
  actions: 2,
  discount: 0.5,
  initial: 0,
  terminal: [1],
  transitions: (_, a) => [{ next: a, probability: 1, reward: 1 - a }],
});
const stays = Float64Array.of(1, 0, 1, 0);
const leaves = Float64Array.of(0, 1, 0, 1);

describe("exactDiagnostics", () => {
  it("computes the gap, its parts by state, and the bound", () => {
    const result = exactDiagnostics(model, stays, leaves);
    expect(result).toMatchObject({ expertValue: 2, learnerValue: 0, gap: 2 });
    expect(result.forward).toMatchObject({ value: 2, residual: 0 });
    // The expert is in state 0 for good, and each step of it gains 1 over the learner: 2 · 1 · 1.
    expect(Array.from(result.forward.perState)).toEqual([2, 0]);
    // The learner is there half its weight, and loses 2 by leaving: 2 · ½ · 2.
    expect(Array.from(result.reverse.perState, Math.abs)).toEqual([2, 0]);
    expect(result.states.expert).toEqual(Float64Array.of(1, 0));
    expect(result.states.learner).toEqual(Float64Array.of(0.5, 0.5));
    expect(result).toMatchObject({ epsilon: 1, disagreement: 1, disagreementOnLearner: 0.5 });
    expect(result).toMatchObject({ bound: 4, tightness: 0.5 });
  });

  it("measures the distance between the occupancies", () => {
    const { occupancy } = exactDiagnostics(model, stays, leaves);
    expect(occupancy).toMatchObject({ totalVariation: 1, kl: Infinity, reverseKl: Infinity });
    expect(occupancy.jensenShannon).toBeCloseTo(Math.LN2, 14);
  });

  it("measures KL from the expert to the learner, and the reverse from the learner to the expert", () => {
    // One who stays with probability p is in state 0 with weight (1 − γ) / (1 − γ p): 0.8 and ⅔.
    const stayers = [0.75, 0.5].map((p) => Float64Array.of(p, 1 - p, 1, 0));
    const { occupancy } = exactDiagnostics(model, stayers[0], stayers[1]);
    const [p, q] = [
      [0.6, 0.2, 0.2],
      [1 / 3, 1 / 3, 1 / 3],
    ];
    const kl = (from: number[], to: number[]) => from.reduce((sum, x, i) => sum + x * Math.log(x / to[i]), 0);
    expect(occupancy.kl).toBeCloseTo(kl(p, q), 12);
    expect(occupancy.reverseKl).toBeCloseTo(kl(q, p), 12);
    expect(Math.abs(occupancy.kl - occupancy.reverseKl)).toBeGreaterThan(0.003);
  });

  it("is 0 between a policy and itself, also if they differ in terminal states", () => {
    const elsewhere = Float64Array.of(0, 1, 1, 0);
    const result = exactDiagnostics(model, leaves, elsewhere);
    expect(result).toMatchObject({ gap: 0, epsilon: 0, disagreement: 0, bound: 0, tightness: 0 });
    expect(result.occupancy).toEqual({ totalVariation: 0, kl: 0, reverseKl: 0, jensenShannon: 0 });
  });

  it("uses total variation as ε for stochastic policies", () => {
    const wavers = Float64Array.of(0.75, 0.25, 0.5, 0.5);
    const result = exactDiagnostics(model, stays, wavers);
    expect(result.epsilon).toBeCloseTo(0.25, 14);
    expect(result.disagreement).toBe(0);
    expect(result.gap).toBeLessThanOrEqual(result.bound);
  });

  it("scales the bound by the largest reward, terminal states included", () => {
    const generous = tabularModel({
      states: 2,
      actions: 2,
      discount: 0.5,
      initial: 0,
      terminal: [1],
      transitions: (_, a) => [{ next: a, probability: 1, reward: 10 - a }],
    });
    // Rewards of 9 and 10 alone would allow 1 · 4, but ending the episode loses 10 a step.
    const { gap, bound } = exactDiagnostics(generous, stays, leaves);
    expect(gap).toBeCloseTo(20 - 9, 12);
    expect(bound).toBe(40);
  });

  it("scales the bound by the range of the rewards, which may be negative", () => {
    const signed = tabularModel({
      states: 1,
      actions: 2,
      discount: 0.5,
      initial: 0,
      transitions: (_, a) => [{ next: 0, probability: 1, reward: a === 0 ? 1 : -2 }],
    });
    // Rewards of 1 and −2 a step, for ever: the range is 3.
    expect(exactDiagnostics(signed, [1, 0], [0, 1])).toMatchObject({ gap: 6, bound: 12, tightness: 0.5 });
  });

  it("has a negative gap for a learner that is better than its expert", () => {
    expect(exactDiagnostics(model, leaves, stays)).toMatchObject({ gap: -2, forward: { residual: 0 } });
  });

  it("refuses a table that does not fit the model", () => {
    expect(() => exactDiagnostics(model, stays, [1, 0])).toThrow(UsageError);
  });
});
