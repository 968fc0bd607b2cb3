/** @file Comparison of acquisitions over seeds. */

import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.js";
import { type AcquisitionRun, compareAcquisitions } from "../../src/runs/acquisition-comparison.js";

const run = (acquisition: string, seed: number, accuracy: number[], items: number[]): AcquisitionRun => ({
  ...{ acquisition, seed, accuracy, items, balance: 0.5 },
  labels: [2, 4, 6],
});

const runs = [
  run("random", 0, [0.2, 0.4, 0.6], [1, 2, 3, 4, 5, 6]),
  run("margin", 0, [0.2, 0.6, 0.8], [1, 2, 3, 4, 9, 8]),
  run("random", 1, [0.4, 0.4, 0.8], [7, 8, 1, 2, 3, 4]),
  run("margin", 1, [0.4, 0.8, 0.8], [7, 8, 5, 6, 9, 10]),
];

describe("a comparison", () => {
  const [random, margin] = compareAcquisitions(runs, { initial: 2, reach: 0.7 });

  it("pairs the areas by seed", () => {
    expect(random).toMatchObject({ acquisition: "random", seeds: 2, gain: 0, gainError: 0, deficiency: 1 });
    expect(random.area).toBeCloseTo((0.4 + 0.5) / 2, 12);
    expect(margin.gain).toBeCloseTo((0.15 + 0.2) / 2, 12);
    expect(margin.gainError).toBeCloseTo(0.025, 12);
    expect(margin.final).toBeCloseTo(0.8, 12);
  });

  it("has the deficiency of the mean curves", () => {
    // The mean curves are 0.3, 0.4, 0.7 and 0.3, 0.7, 0.8.
    expect(margin.deficiency).toBeCloseTo(0.3 / 0.7, 12);
  });

  it("counts the labels until an accuracy, and the seeds that reach it", () => {
    expect(margin.reached).toEqual({ labels: expect.closeTo(3.5, 12), seeds: 2 });
    expect(random.reached).toEqual({ labels: expect.closeTo(5.5, 12), seeds: 1 });
  });

  it("shares what was bought after the first items", () => {
    expect(margin.overlap.margin).toBe(1);
    expect(margin.overlap.random).toBeCloseTo((2 / 6 + 0) / 2, 12);
  });

  it("is refused for other seeds than those of random sampling", () => {
    expect(() => compareAcquisitions(runs.slice(0, 3), { initial: 2 })).toThrow(UsageError);
  });
});
