/** @file Statistics of returns: values by hand, and intervals with their nominal coverage. */

import { describe, expect, it } from "vitest";
import {
  bootstrapInterval,
  estimateOfRuns,
  iqm,
  mean,
  probabilityOfImprovement,
  quantile,
  std,
  stratifiedBootstrapInterval,
} from "../../src/diagnostics/index.js";
import { UsageError } from "../../src/errors.js";
import { createRng, type Rng } from "../../src/random/rng.js";

const normals = (rng: Rng, n: number, centre = 0) => Array.from({ length: n }, () => centre + rng.normal());

/** How many of `trials` intervals hold the truth. */
function coverage(trials: number, interval: (rng: Rng) => [number, number], truth: number): number {
  const root = createRng("coverage");
  let covered = 0;
  for (let i = 0; i < trials; i++) {
    const [low, high] = interval(root.stream("trial", i));
    if (low <= truth && truth <= high) covered++;
  }
  return covered / trials;
}

describe("simple statistics", () => {
  it("have the values of their definitions", () => {
    expect(mean([1, 2, 6])).toBe(3);
    expect(std([1, 3])).toBe(1);
    expect([0, 0.25, 0.5, 0.9, 1].map((q) => quantile([10, 0, 20, 30, 40], q))).toEqual([0, 10, 20, 36, 40]);
  });

  it("resist outliers in a quarter of the sample, if interquartile", () => {
    expect(iqm([1, 2, 3, 4, 5, 6, 7, 1e9])).toBe(4.5);
    // As SciPy's trim_mean(x, 0.25): what is cut off is rounded down.
    expect(iqm([0, 1, 2, 3, 100])).toBe(2);
    expect(iqm([7])).toBe(7);
  });

  it("refuse an empty sample", () => {
    for (const statistic of [mean, std, iqm]) expect(() => statistic([])).toThrow(UsageError);
    expect(() => iqm([])).toThrow("iqm of no values");
    expect(() => quantile([], 0.5)).toThrow("quantile of no values");
    expect(() => bootstrapInterval([], { rng: createRng(1) })).toThrow(/of no values/);
  });
});

describe("bootstrapInterval", () => {
  it("covers the mean about 95 times in 100", () => {
    const interval = (rng: Rng) =>
      bootstrapInterval(normals(rng, 60, 3), { rng: rng.stream("bootstrap"), resamples: 400 });
    const share = coverage(600, interval, 3);
    expect(share).toBeGreaterThan(0.915);
    expect(share).toBeLessThan(0.975);
  });

  it("covers the interquartile mean too, and at other requested levels", () => {
    const interval = (rng: Rng) =>
      bootstrapInterval(normals(rng, 60), {
        rng: rng.stream("bootstrap"),
        statistic: iqm,
        resamples: 300,
        confidence: 0.8,
      });
    const share = coverage(500, interval, 0);
    expect(share).toBeGreaterThan(0.73);
    expect(share).toBeLessThan(0.86);
  });

  it("has the theoretical width", () => {
    const rng = createRng(4);
    const values = normals(rng, 400);
    const [low, high] = bootstrapInterval(values, { rng });
    expect(high - low).toBeCloseTo((2 * 1.96 * std(values)) / 20, 1);
    expect(mean(values)).toBeGreaterThan(low);
    expect(mean(values)).toBeLessThan(high);
  });

  it("depends only on the random stream, and is a point for a constant sample", () => {
    const at = (seed: number) => bootstrapInterval([1, 2, 3, 9], { rng: createRng(seed) });
    expect(at(1)).toEqual(at(1));
    expect(bootstrapInterval([2, 2, 2], { rng: createRng(1) })).toEqual([2, 2]);
  });
});

describe("estimateOfRuns", () => {
  it("has an interval from five runs on: that of three would be from the lowest to the highest", () => {
    const rng = createRng(7);
    expect(estimateOfRuns([3, 1, 5, 1], { rng })).toEqual({ value: 2.5 });
    expect(estimateOfRuns([3, 1, 5, 1, 5], { rng, statistic: iqm }).value).toBe(3);
    expect(bootstrapInterval([3, 1, 5], { rng })).toEqual([1, 5]);
    const { low, high } = estimateOfRuns([3, 1, 5, 1, 5], { rng });
    expect(low).toBeGreaterThan(1);
    expect(high).toBeLessThan(5);
  });

  it("covers the mean of few normal runs less often than 95 times in 100, as t has it", () => {
    const covers = (runs: number) =>
      coverage(
        600,
        (rng) => {
          const options = { rng: rng.stream("bootstrap"), resamples: 400 };
          const { low, high } = estimateOfRuns(normals(rng, runs), options);
          return [low!, high!];
        },
        0,
      );
    // P(|T| < 1.96 √((n − 1) / n)) with n − 1 degrees of freedom, as the resamples' deviation divides by n.
    expect(Math.abs(covers(5) - 0.846)).toBeLessThan(0.04);
    expect(Math.abs(covers(10) - 0.904)).toBeLessThan(0.04);
  });
});

describe("the interquartile mean", () => {
  // With five runs it is the mean of the three between: of the order statistics 2 to 4, whose means are symmetric.
  it("of five has the variance of the middle order statistics", () => {
    const root = createRng("order statistics");
    const uniforms = Array.from({ length: 4000 }, (_, i) => {
      const rng = root.stream("sample", i);
      return iqm(Array.from({ length: 5 }, () => rng.uniform()));
    });
    expect(mean(uniforms)).toBeCloseTo(0.5, 2);
    // cov(U(i), U(j)) = i (6 − j) / (36 · 7) for i ≤ j, over the nine pairs of 2, 3 and 4, divided by 9.
    let sum = 0;
    for (const i of [2, 3, 4]) for (const j of [2, 3, 4]) sum += Math.min(i, j) * (6 - Math.max(i, j));
    expect(std(uniforms) ** 2 / (sum / 252 / 9)).toBeCloseTo(1, 1);
  });
});

describe("stratifiedBootstrapInterval", () => {
  it("resamples within each task, so that differences between tasks do not widen it", () => {
    const rng = createRng(5);
    const tasks = [0, 100, 1000].map((centre) => normals(rng, 30, centre));
    const statistic = (strata: Float64Array[]) => mean(strata.map(mean));
    const [low, high] = stratifiedBootstrapInterval(tasks, { rng, statistic });
    expect(high - low).toBeLessThan(1);
    const [pooledLow, pooledHigh] = bootstrapInterval(tasks.flat(), { rng });
    expect(pooledHigh - pooledLow).toBeGreaterThan(100);
  });

  it("covers the difference of two groups of different sizes", () => {
    const interval = (rng: Rng) =>
      stratifiedBootstrapInterval([normals(rng, 40, 2), normals(rng, 80, 1)], {
        rng: rng.stream("bootstrap"),
        statistic: ([a, b]) => mean(a) - mean(b),
        resamples: 300,
      });
    const share = coverage(500, interval, 1);
    expect(share).toBeGreaterThan(0.91);
    expect(share).toBeLessThan(0.98);
  });
});

describe("probabilityOfImprovement", () => {
  it("counts won pairs, and ties as half, by task", () => {
    expect(probabilityOfImprovement([[3, 4]], [[1, 2]])).toBe(1);
    expect(probabilityOfImprovement([[1, 3]], [[2, 3]])).toBe((0 + 0 + 1 + 0.5) / 4);
    expect(probabilityOfImprovement([[1], [5, 5]], [[2], [0]])).toBe(0.5);
  });

  it("is Φ(Δ / √2) for two normal samples with means Δ apart", () => {
    const rng = createRng(6);
    const probability = probabilityOfImprovement([normals(rng, 1000, 1)], [normals(rng, 1000)]);
    expect(probability).toBeGreaterThan(0.7602 - 0.03);
    expect(probability).toBeLessThan(0.7602 + 0.03);
  });

  it("refuses different numbers of tasks", () => {
    expect(() => probabilityOfImprovement([[1]], [[1], [2]])).toThrow(/1 tasks against 2/);
  });
});
