/** @file MACE: its bound, what it finds in its own model, and restarts. */

import { describe, expect, it } from "vitest";
import { annotationsFrom, mace } from "../../src/crowds/index.js";
import { accuracy, type Matrix, simulated } from "../support/crowds.js";

/** One who knows the class with probability θ, and otherwise answers by habit. */
const habitual = (theta: number, habit: readonly number[]): Matrix =>
  habit.map((_, k) => habit.map((share, y) => (1 - theta) * share + (y === k ? theta : 0)));

const crowd = [
  habitual(0.9, [1 / 3, 1 / 3, 1 / 3]),
  habitual(0.6, [0.1, 0.1, 0.8]),
  habitual(0.7, [0.5, 0.5, 0]),
  habitual(0.05, [0.9, 0.05, 0.05]),
];

describe("mace", () => {
  it("never lowers its bound", () => {
    const { annotations } = simulated(crowd, 40, 0);
    let before = Number.NEGATIVE_INFINITY;
    for (let iterations = 1; iterations < 15; iterations++) {
      const { objective } = mace(annotations, { restarts: 1, iterations, tolerance: 1e-300 });
      expect(objective).toBeGreaterThanOrEqual(before - 1e-9);
      before = objective;
    }
  });

  it("finds who knows, and the habits of those who do not", () => {
    const { annotations, truth } = simulated(crowd, 3000, 1);
    const { competence, habit, posterior, ability, confusion } = mace(annotations);
    [0.9, 0.6, 0.7, 0.05].forEach((theta, l) => {
      expect(competence[l]).toBeGreaterThan(theta - 0.06);
      expect(competence[l]).toBeLessThan(theta + 0.06);
    });
    expect(habit[3 + 2]).toBeGreaterThan(0.7);
    expect(habit[9]).toBeGreaterThan(0.85);
    expect(accuracy(posterior, truth)).toBeGreaterThan(0.93);
    const diagonal = (confusion![0] + confusion![4] + confusion![8]) / 3;
    expect(ability[0]).toBeCloseTo(diagonal, 12);
    expect(confusion![0] + confusion![1] + confusion![2]).toBeCloseTo(1, 12);
  });

  it("keeps the best restart, is decided by its seed, and keeps known truths", () => {
    const { annotations, truth, rows } = simulated(crowd, 30, 2);
    const fit = mace(annotations, { seed: 5 });
    expect(fit.optima).toHaveLength(10);
    expect(fit.objective).toBe(Math.max(...fit.optima));
    expect(mace(annotations, { seed: 5 })).toEqual(fit);
    const known = annotationsFrom(rows, { truth: Object.fromEntries(truth.entries()) });
    expect([...mace(known).labels]).toEqual(truth);
  });
});
