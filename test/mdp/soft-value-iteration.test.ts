/** @file Soft optimal values: closed forms, limits of the temperature, and optimality among policies. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TabularModel } from "../../src/env/contracts.js";
import {
  actionValues,
  evaluatePolicy,
  inducedProcess,
  policyReturn,
  randomModel,
  softValueIteration,
  tabularModel,
  uniformTable,
  valueIteration,
} from "../../src/mdp/index.js";
import { createRng } from "../../src/random/rng.js";
import { randomCase } from "./random.js";

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i])));

/** E Σ γᵗ (r + λ H) of a policy in each state: its values on a model whose rewards hold the entropy. */
function softValues(model: TabularModel, table: Float64Array, temperature: number): Float64Array {
  const process = inducedProcess(model, table);
  const reward = process.reward.slice();
  for (let s = 0; s < model.states; s++) {
    if (model.terminal[s]) continue;
    const row = table.subarray(s * model.actions, (s + 1) * model.actions);
    const entropy = row.reduce((sum, p) => sum - (p > 0 ? p * Math.log(p) : 0), 0);
    for (let e = process.rowStart[s]; e < process.rowStart[s + 1]; e++) reward[e] += temperature * entropy;
  }
  const withEntropy = { ...process, reward };
  return evaluatePolicy(withEntropy, uniformTable(withEntropy));
}

describe("softValueIteration", () => {
  it("counts sweeps: two an iteration and the last one, three from its own solution", () => {
    const model = randomModel(createRng(1), { states: 5, actions: 2, branching: 2, discount: 0.9 });
    const { iterations, values } = softValueIteration(model);
    expect(iterations % 2).toBe(1);
    expect(iterations).toBeGreaterThan(3);
    expect(softValueIteration(model, { guess: values }).iterations).toBe(3);
  });

  it("equals λ log Σ exp(r / λ) / (1 − γ) for one state with several actions", () => {
    const rewards = [1, 0.5, -2];
    const model = tabularModel({
      states: 1,
      actions: 3,
      initial: [1],
      discount: 0.9,
      transitions: rewards.map((reward, action) => ({ state: 0, action, next: 0, probability: 1, reward })),
    });
    for (const temperature of [0.05, 1, 30]) {
      const { values, policy } = softValueIteration(model, { temperature });
      const sum = rewards.reduce((total, r) => total + Math.exp(r / temperature), 0);
      expect(values[0]).toBeCloseTo((temperature * Math.log(sum)) / 0.1, 7);
      rewards.forEach((r, a) => {
        expect(policy[a]).toBeCloseTo(Math.exp(r / temperature) / sum, 9);
      });
    }
  });

  it("has the policy exp(A / λ), which attains the values, and which no other policy beats", () => {
    fc.assert(
      fc.property(
        randomCase({ discounts: [0, 0.5, 0.9, 0.99, 0.999], states: 20 }),
        fc.constantFrom(0.1, 1, 5),
        ({ model }, temperature) => {
          const { values, q, policy } = softValueIteration(model, { temperature });
          const scale = 1 / (1 - model.discount);
          expect(largestDifference(q, actionValues(model, values))).toBeLessThan(1e-8 * scale);
          for (const [pair, p] of policy.entries()) {
            const s = Math.floor(pair / model.actions);
            if (!model.terminal[s]) expect(p).toBeCloseTo(Math.exp((q[pair] - values[s]) / temperature), 8);
          }
          expect(largestDifference(softValues(model, policy, temperature), values)).toBeLessThan(
            1e-7 * scale,
          );
          const rng = createRng("others");
          for (let other = 0; other < 3; other++) {
            const table = policy.map((p) => p * Math.exp(0.3 * rng.normal()));
            for (let s = 0; s < model.states; s++) {
              const row = table.subarray(s * model.actions, (s + 1) * model.actions);
              const sum = row.reduce((total, p) => total + p, 0);
              row.forEach((p, a) => {
                row[a] = p / sum;
              });
            }
            const worse = softValues(model, table, temperature);
            expect(policyReturn(model, worse)).toBeLessThanOrEqual(
              policyReturn(model, values) + 1e-7 * scale,
            );
          }
        },
      ),
      { seed: 1, numRuns: 60 },
    );
  });

  it("converges to the hard values as the temperature falls, from above", () => {
    const model = randomModel(createRng(5), { states: 40, actions: 4, branching: 3, discount: 0.95 });
    const hard = valueIteration(model).values;
    for (const temperature of [1, 0.1, 0.01, 0.001]) {
      const { values } = softValueIteration(model, { temperature });
      const bonus = (temperature * Math.log(4)) / (1 - 0.95);
      values.forEach((v, s) => {
        expect(v).toBeGreaterThanOrEqual(hard[s] - 1e-8);
        expect(v).toBeLessThanOrEqual(hard[s] + bonus + 1e-8);
      });
    }
  });

  it("adds no entropy after termination", () => {
    const model = tabularModel({
      states: 2,
      actions: 2,
      initial: [1, 0],
      terminal: [1],
      discount: 0.9,
      transitions: [0, 1].map((action) => ({ state: 0, action, next: 1, probability: 1, reward: 3 })),
    });
    const { values, policy } = softValueIteration(model, { temperature: 2 });
    expect(values[0]).toBeCloseTo(3 + 2 * Math.log(2), 9);
    expect(values[1]).toBe(0);
    for (const p of policy) expect(p).toBeCloseTo(0.5, 12);
  });

  it.each([0, -1, Number.NaN])("refuses a temperature of %d", (temperature) => {
    const model = randomModel(createRng(1), { states: 3, actions: 2, branching: 2, discount: 0.9 });
    expect(() => softValueIteration(model, { temperature })).toThrow(
      `temperature must be positive, not ${temperature}`,
    );
  });
});
