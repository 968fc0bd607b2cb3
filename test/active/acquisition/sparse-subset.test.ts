/** @file Sparse subsets: Frank–Wolfe, and the updates that items are expected to give. */

import { describe, expect, it } from "vitest";
import { expectedUpdates, frankWolfe, sparseSubset } from "../../../src/active/acquisition/sparse-subset.js";
import { createRng } from "../../../src/random/rng.js";
import { poolOf, randomPool } from "../../support/pools.js";

const norm = (v: Float64Array) => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));

describe("Frank–Wolfe on a sum of vectors", () => {
  it("comes nearer with each step, with a weight for at most so many vectors", () => {
    const rng = createRng(2);
    const vectors = Float64Array.from({ length: 40 * 5 }, () => rng.normal());
    const keys = Array.from({ length: 40 }, () => rng.uniform());
    let last = Number.POSITIVE_INFINITY;
    for (const steps of [1, 2, 5, 20, 200]) {
      const { weights, rest } = frankWolfe(vectors, 5, steps, keys);
      const used = [...weights].filter((w) => w > 0).length;
      expect(used).toBeLessThanOrEqual(steps);
      const sum = new Float64Array(5);
      for (let i = 0; i < 40; i++)
        for (let j = 0; j < 5; j++) sum[j] += (1 - weights[i]) * vectors[5 * i + j];
      sum.forEach((x, j) => {
        expect(x).toBeCloseTo(rest[j], 9);
      });
      expect(norm(rest)).toBeLessThanOrEqual(last + 1e-9);
      last = norm(rest);
    }
    expect(last).toBeLessThan(0.05);
  });

  it("gives one of equal vectors all the weight, which is their number", () => {
    const { weights, rest } = frankWolfe([1, 2, 1, 2, 1, 2], 2, 2, [0, 2, 1]);
    expect([...weights]).toEqual([0, 3, 0]);
    expect(norm(rest)).toBeCloseTo(0, 12);
  });
});

describe("a sparse subset", () => {
  it("has items whose expected update is 0 last: all samples agree about them", async () => {
    const samples = (item: number, s: number) =>
      (item < 3 ? [0.5, 0.5] : [[0.9, 0.2, 0.6, 0.3][s], 0]).map((x, k, p) => (k ? 1 - p[0] : x));
    const pool = poolOf({ candidates: [0, 1, 2, 3, 4], classes: 2, samples });
    const updates = expectedUpdates(await pool.samples(), 2);
    expect(norm(updates.subarray(0, 12))).toBeCloseTo(0, 12);
    for (let seed = 0; seed < 10; seed++) {
      const batch = await sparseSubset().select(pool, 3, createRng(seed));
      expect([...batch.subarray(0, 2)].sort()).toEqual([3, 4]);
    }
  });

  it("has updates with the mean −mean_s KL(P ‖ P^s)", async () => {
    const [classes, count] = [3, 5];
    const samples = await randomPool({ classes, count }).samples();
    const updates = expectedUpdates(samples, classes);
    for (let n = 0; n < updates.length; n++) expect(updates[n]).toBeLessThan(1e-12);
  });
});
