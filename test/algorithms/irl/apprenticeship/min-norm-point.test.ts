/** @file Wolfe's nearest point: the Karush–Kuhn–Tucker conditions on random polytopes, and examples by hand. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { minNormPoint } from "../../../../algorithms/irl/apprenticeship/min-norm-point.js";
import { createRng } from "../../../../src/random/rng.js";

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * b[i], 0);

describe("minNormPoint", () => {
  it("finds the nearest point at corners, on edges and at the origin inside", () => {
    const points = (...rows: number[][]) => rows.map((row) => Float64Array.from(row));
    expect(minNormPoint(points([1, 1], [2, 1], [1, 3])).weights).toEqual(Float64Array.of(1, 0, 0));
    const edge = minNormPoint(points([-1, 1], [3, 1], [0, 5]));
    expect(edge.weights[0]).toBeCloseTo(0.75, 12);
    expect(edge.point[1]).toBeCloseTo(1, 12);
    const inside = minNormPoint(points([-1, -1], [2, -1], [0, 3], [5, 5]));
    expect(Math.hypot(...inside.point)).toBeLessThan(1e-9);
    expect(minNormPoint(points([2, 0], [2, 0], [2, 0])).point).toEqual(Float64Array.of(2, 0));
  });

  it.each([1e-9, 1e9])("is the same in other units, ×%d", (unit) => {
    const rows = [
      [-1, 1, 0.3],
      [3, 1, -0.2],
      [0.5, 2, 0.1],
      [0.2, -0.5, 1],
    ];
    const own = minNormPoint(rows.map((row) => Float64Array.from(row)));
    const scaled = minNormPoint(rows.map((row) => Float64Array.from(row, (x) => unit * x)));
    expect([...own.weights].filter((w) => w > 0).length).toBeGreaterThan(1);
    for (const [i, w] of own.weights.entries()) expect(scaled.weights[i]).toBeCloseTo(w, 9);
  });

  it("terminates on points that differ only by rounding errors", () => {
    for (const distance of [1e-6, 1e-8, 1e-9, 1e-12, 1e-16]) {
      const points = [
        [0, 0.9],
        [1, 0],
        [1 - distance, 0],
      ].map((row) => Float64Array.from(row));
      const { weights, point } = minNormPoint(points);
      expect(weights.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 12);
      expect(Math.hypot(...point)).toBeCloseTo(0.9 / Math.hypot(0.9, 1), 5);
    }
  });

  it("meets the optimality conditions for many, degenerate, repeated or distant points", () => {
    const sizes = fc.record({
      seed: fc.nat(),
      count: fc.integer({ min: 1, max: 25 }),
      width: fc.integer({ min: 1, max: 12 }),
      rank: fc.integer({ min: 1, max: 12 }),
      offset: fc.constantFrom(0, 0.3, 2, 50),
    });
    fc.assert(
      fc.property(sizes, ({ seed, count, width, rank, offset }) => {
        const rng = createRng(seed);
        const basis = Array.from({ length: rank }, () => rng.fillNormal(new Float64Array(width)));
        const points = Array.from({ length: count }, () => {
          const point = new Float64Array(width).fill(offset);
          for (const direction of basis) {
            const x = rng.normal();
            for (let k = 0; k < width; k++) point[k] += x * direction[k];
          }
          return point;
        });
        if (count > 3) points[1] = points[0].slice();
        const { weights, point } = minNormPoint(points);
        const largest = Math.max(...points.map((p) => dot(p, p)));
        expect(weights.every((w) => w >= 0)).toBe(true);
        expect(weights.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 12);
        for (let k = 0; k < width; k++) {
          const combined = points.reduce((sum, p, i) => sum + weights[i] * p[k], 0);
          expect(Math.abs(combined - point[k])).toBeLessThan(1e-9 * Math.sqrt(largest));
        }
        // Stationarity and complementary slackness: p · x ≥ x · x for all points, with equality where the weight is not 0.
        for (const [i, p] of points.entries()) {
          const slack = dot(p, point) - dot(point, point);
          expect(slack).toBeGreaterThan(-1e-9 * largest);
          if (weights[i] > 1e-6) expect(slack).toBeLessThan(1e-6 * largest);
        }
      }),
      { numRuns: 300 },
    );
  });
});
