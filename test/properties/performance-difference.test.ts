/**
 * @file The performance difference lemma and the cloning bound on random models and policies, with checks that the
 * tests can fail.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exactDiagnostics } from "../../src/diagnostics/index.js";
import {
  finiteHorizonEvaluate,
  randomModel,
  tabularModel,
  uniformTable,
  valueIteration,
} from "../../src/mdp/index.js";
import { createRng } from "../../src/random/rng.js";
import { randomCase, randomChoices, randomTable } from "../mdp/random.js";

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((total, x) => total + x, 0);

describe("the performance difference lemma", () => {
  it("holds to 1e-8 in both directions, for stochastic and for deterministic policies", () => {
    fc.assert(
      fc.property(randomCase({ states: 20 }), fc.boolean(), fc.boolean(), ({ model, rng }, soft, hard) => {
        const expert = hard ? randomChoices(model, rng) : randomTable(model, rng);
        const learner = soft ? randomTable(model, rng) : randomChoices(model, rng);
        const { gap, expertValue, learnerValue, forward, reverse } = exactDiagnostics(model, expert, learner);
        expect(gap).toBe(expertValue - learnerValue);
        for (const direction of [forward, reverse]) {
          expect(direction.residual).toBeLessThan(1e-8);
          expect(Math.abs(sum(direction.perState) - gap)).toBeLessThan(1e-8);
        }
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it("holds for iterative solutions too", () => {
    const rng = createRng(2);
    const model = randomModel(rng, { states: 1000, actions: 3, branching: 4, discount: 0.99, terminals: 3 });
    const { gap, forward, reverse } = exactDiagnostics(
      model,
      randomTable(model, rng),
      randomTable(model, rng),
    );
    expect(Math.abs(gap)).toBeGreaterThan(1e-3);
    expect(forward.residual).toBeLessThan(1e-7);
    expect(reverse.residual).toBeLessThan(1e-7);
  });

  it("fails without the factor 1 / (1 − γ) of normalised occupancies", () => {
    const rng = createRng(3);
    for (const discount of [0.5, 0.9, 0.99]) {
      const model = randomModel(rng, { states: 10, actions: 3, branching: 3, discount });
      const { gap, forward } = exactDiagnostics(model, randomTable(model, rng), randomTable(model, rng));
      expect(Math.abs(forward.value * (1 - discount) - gap)).toBeGreaterThan(1e-3);
    }
  });

  it("has no state with a gain in the reverse direction if the expert is optimal", () => {
    fc.assert(
      fc.property(randomCase(), ({ model, rng }) => {
        const { policy } = valueIteration(model);
        const { gap, reverse } = exactDiagnostics(model, policy, randomTable(model, rng));
        expect(gap).toBeGreaterThan(-1e-8);
        expect(Math.min(...reverse.perState)).toBeGreaterThan(-1e-8);
      }),
      { seed: 4, numRuns: 100 },
    );
  });
});

describe("the cloning bound", () => {
  it("is never violated", () => {
    let tightest = 0;
    fc.assert(
      fc.property(randomCase({ states: 6 }), fc.nat(3), ({ model, rng }, kind) => {
        const expert = kind & 1 ? valueIteration(model).policy : randomTable(model, rng);
        const noise = randomTable(model, rng);
        // From far away to all but equal.
        const share = rng.uniform() ** 3;
        const learner = kind & 2 ? expert.map((p, i) => (1 - share) * p + share * noise[i]) : noise;
        const { gap, bound, tightness } = exactDiagnostics(model, expert, learner);
        expect(Math.abs(gap)).toBeLessThanOrEqual(bound + 1e-9);
        tightest = Math.max(tightest, tightness);
      }),
      { seed: 5, numRuns: 3000 },
    );
    expect(tightest).toBeGreaterThan(0.2);
  });

  it.each([
    0.9, 0.99, 0.999,
  ])("is nearly tight if one mistake loses all later rewards, with γ = %d", (discount) => {
    // The expert stays in state 0 for +1 a step; the learner slips, one time in many, to state 1 and −1 for ever.
    const model = tabularModel({
      states: 2,
      actions: 2,
      discount,
      initial: 0,
      transitions: (s, a) => [{ next: Math.max(s, a), probability: 1, reward: s === 1 || a === 1 ? -1 : 1 }],
    });
    const slip = (1 - discount) / 1000;
    const { gap, epsilon, bound, tightness } = exactDiagnostics(
      model,
      Float64Array.of(1, 0, 1, 0),
      Float64Array.of(1 - slip, slip, 1, 0),
    );
    expect(epsilon).toBeCloseTo(slip, 12);
    expect(bound / ((2 * slip) / (1 - discount) ** 2)).toBeCloseTo(1, 9);
    expect(gap).toBeLessThanOrEqual(bound);
    expect(tightness).toBeGreaterThan(0.998);
  });
});

it("time-indexed values agree with discounted ones, so that both forms of the lemma agree", () => {
  const model = randomModel(createRng(6), { states: 5, actions: 2, branching: 2, discount: 0.9 });
  const table = uniformTable(model);
  const { expertValue } = exactDiagnostics(model, table, table);
  const long = finiteHorizonEvaluate(model, table, { horizon: 400, discount: 0.9 });
  expect(sum(model.initial.map((p, s) => p * long[s]))).toBeCloseTo(expertValue, 10);
});
