/** @file Gradients through occupancies by finite differences, and occupancies estimated from demonstrations. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import "../../envs/index.js";
import { demonstratedOccupancy } from "../../src/datasets/occupancy.js";
import { divergence, divergenceKinds, divergenceSlope } from "../../src/diagnostics/index.js";
import type { TabularModel } from "../../src/env/contracts.js";
import { problemOf } from "../../src/env/problem.js";
import { tabularEnvironment } from "../../src/env/tabular-environment.js";
import { occupancyGradient, stateActionOccupancy, tabularModel } from "../../src/mdp/index.js";
import { TabularPolicy } from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";
import { collectEpisodes } from "../../src/rollout/collect.js";
import { corridorOptions, randomCase } from "./random.js";

/** softmax of logits `[states × actions]`. */
function softmaxTable({ states, actions }: TabularModel, logits: Float64Array): Float64Array {
  const table = logits.map(Math.exp);
  for (let s = 0; s < states; s++) {
    const row = table.subarray(s * actions, (s + 1) * actions);
    const sum = row.reduce((a, b) => a + b);
    for (let a = 0; a < actions; a++) row[a] /= sum;
  }
  return table;
}

describe("the gradient through the occupancy", () => {
  it.each(divergenceKinds)("equals finite differences of %s on random models", (kind) => {
    fc.assert(
      fc.property(randomCase({ discounts: [0, 0.5, 0.9], states: 6 }), ({ model, rng }) => {
        const size = model.states * model.actions;
        const logits = rng.fillNormal(new Float64Array(size));
        // The occupancy of another policy, mixed with an even one so that every pair has some weight.
        const other = stateActionOccupancy(
          model,
          softmaxTable(model, rng.fillNormal(new Float64Array(size))),
        );
        const target = other.map((p) => 0.9 * p + 0.1 / size);
        const occupancyOf = (x: Float64Array) => stateActionOccupancy(model, softmaxTable(model, x));
        // Weight that no policy can have is no part of the function.
        const can = occupancyOf(logits).map((d) => Number(d > 0));
        const value = (d: Float64Array) =>
          divergence(
            kind,
            target.map((p, i) => p * can[i]),
            d.map((q, i) => (can[i] ? q : 0)),
          );
        const { gradient, value: at } = occupancyGradient(model, softmaxTable(model, logits), (d) => ({
          value: value(d),
          slope: d.map((q, i) => (can[i] ? divergenceSlope(kind, target[i], q) : 0)),
        }));
        expect(at).toBe(value(occupancyOf(logits)));
        const h = 1e-5;
        for (let i = 0; i < size; i++) {
          const moved = (by: number) => value(occupancyOf(logits.map((x, j) => (i === j ? x + by : x))));
          expect(Math.abs(gradient[i] - (moved(h) - moved(-h)) / (2 * h))).toBeLessThan(1e-6);
        }
      }),
      { seed: 1, numRuns: 40 },
    );
  });
});

describe("the occupancy of demonstrations", () => {
  it("is exact for a deterministic walk, its terminal state included", async () => {
    const model = tabularModel(corridorOptions(5, 0.9));
    const table = Float64Array.from({ length: 10 }, (_, pair) => pair % 2);
    const problem = await problemOf(() => tabularEnvironment("Walk", model));
    const vector = await problem.vector(2, createRng(0));
    const policy = new TabularPolicy(5, table);
    const walks = await collectEpisodes(policy, vector, 2, { rng: createRng(1), deterministic: true });
    const shown = demonstratedOccupancy(model, walks);
    stateActionOccupancy(model, table).forEach((d, pair) => {
      expect(shown[pair]).toBeCloseTo(d, 12);
    });
  });

  it("converges to the exact one as the number of episodes grows", async () => {
    const problem = await problemOf("FrozenLake-v1");
    const model = problem.model!;
    const uniform = new Float64Array(model.states * model.actions).fill(0.25);
    const vector = await problem.vector(100, createRng(0));
    const walks = await collectEpisodes(new TabularPolicy(model.states, uniform), vector, 4000, {
      rng: createRng(1),
    });
    const shown = demonstratedOccupancy(model, walks);
    const exact = stateActionOccupancy(model, uniform);
    expect(divergence("tv", exact, shown)).toBeLessThan(0.01);
  });

  it("sums to 1 for a truncated episode, without later steps", () => {
    const model = tabularModel(corridorOptions(5, 0.9));
    const cut = {
      observations: Float32Array.of(0, 1, 2),
      actions: Int32Array.of(1, 1),
      rewards: Float64Array.of(-1, -1),
      terminated: false,
      truncated: true,
    };
    const shown = demonstratedOccupancy(model, [cut]);
    expect(shown[1]).toBeCloseTo(1 / 1.9, 12);
    expect(shown[3]).toBeCloseTo(0.9 / 1.9, 12);
  });

  it("refuses observations of no state, and states with equal observations", () => {
    const model = tabularModel(corridorOptions(3, 0.9));
    const stray = {
      observations: Float32Array.of(0, 9),
      actions: Int32Array.of(1),
      rewards: Float64Array.of(-1),
      terminated: true,
      truncated: false,
    };
    expect(() => demonstratedOccupancy(model, [stray])).toThrow(
      /observation \[9\] does not belong to a state/,
    );
    const alike = { ...model, observations: new Float32Array(3) };
    expect(() => demonstratedOccupancy(alike, [stray])).toThrow(/states 0 and 1 have the same observation/);
  });
});
