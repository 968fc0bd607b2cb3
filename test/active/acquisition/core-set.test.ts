/** @file Core-set: the greedy centres against the best ones. */

import { describe, expect, it } from "vitest";
import { kCentreGreedy } from "../../../src/active/acquisition/core-set.js";
import { createRng } from "../../../src/random/rng.js";

const none = { width: 2, data: [] };

function radius(points: number[][], centres: readonly number[][]): number {
  return Math.max(
    ...points.map((p) => Math.min(...centres.map((c) => Math.hypot(p[0] - c[0], p[1] - c[1])))),
  );
}

describe("the greedy k-centre", () => {
  it("has at most twice the radius of the best centres", () => {
    for (let seed = 0; seed < 20; seed++) {
      const rng = createRng(seed);
      const points = Array.from({ length: 10 }, () => [rng.normal(), rng.normal()]);
      const keys = points.map(() => rng.uniform());
      const places = kCentreGreedy({ width: 2, data: points.flat() }, none, 3, keys);
      let best = Number.POSITIVE_INFINITY;
      for (const a of points)
        for (const b of points) for (const c of points) best = Math.min(best, radius(points, [a, b, c]));
      const own = radius(
        points,
        [...places].map((i) => points[i]),
      );
      expect(own).toBeLessThanOrEqual(2 * best + 1e-12);
      expect(own).toBeGreaterThanOrEqual(best - 1e-12);
    }
  });

  it("starts far from what is labelled", () => {
    const points = { width: 1, data: [0, 5, 9, 10] };
    expect([...kCentreGreedy(points, { width: 1, data: [10] }, 2, [0, 0, 0, 0])]).toEqual([0, 1]);
  });
});
