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

  it.each([
    [3, 0],
    [5, 1],
    [2, 23],
    [7, 40],
  ])("picks the farthest point by all distances, in %i dimensions with %i labelled", (width, many) => {
    for (let seed = 0; seed < 20; seed++) {
      const rng = createRng(seed);
      // On a grid, so that distances are exact and many are equal.
      const drawn = (rows: number) => Array.from({ length: rows * width }, () => rng.integer(5));
      const [points, labelled] = [drawn(60), drawn(many)];
      const keys = Array.from({ length: 60 }, () => rng.uniform());
      const rowOf = (data: number[], i: number) => data.slice(i * width, (i + 1) * width);
      const centres = Array.from({ length: many }, (_, m) => rowOf(labelled, m));
      const square = (a: number[], b: number[]) => a.reduce((sum, x, j) => sum + (x - b[j]) ** 2, 0);
      const expected: number[] = [];
      for (let b = 0; b < 8; b++) {
        const rest = keys.map((_, i) => i).filter((i) => !expected.includes(i));
        const far = rest.map((i) => Math.min(...centres.map((c) => square(rowOf(points, i), c))));
        const most = Math.max(...far);
        const best = rest.filter((_, n) => far[n] === most).sort((a, c) => keys[c] - keys[a])[0];
        expected.push(best);
        centres.push(rowOf(points, best));
      }
      const places = kCentreGreedy({ width, data: points }, { width, data: labelled }, 8, keys);
      expect([...places]).toEqual(expected);
    }
  });

  it("starts far from what is labelled", () => {
    const points = { width: 1, data: [0, 5, 9, 10] };
    expect([...kCentreGreedy(points, { width: 1, data: [10] }, 2, [0, 0, 0, 0])]).toEqual([0, 1]);
  });
});
