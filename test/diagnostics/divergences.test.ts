/** @file Distances between distributions: closed forms, and the inequalities between them. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type DivergenceKind,
  divergence,
  divergenceKinds,
  divergenceSlope,
  jensenShannon,
  kullbackLeibler,
  totalVariation,
} from "../../src/diagnostics/index.js";

const [p, q] = [
  [0.5, 0.5, 0],
  [0.25, 0.5, 0.25],
];

const distributions = fc
  .array(fc.tuple(fc.nat(20), fc.nat(20)), { minLength: 2, maxLength: 8 })
  .map((weights) =>
    [0, 1].map((side) => {
      const total = weights.reduce((sum, pair) => sum + pair[side], 0);
      return weights.map((pair, i) => (total === 0 ? Number(i === 0) : pair[side] / total));
    }),
  );

describe("divergences", () => {
  it("have the values of their definitions", () => {
    expect(totalVariation(p, q)).toBe(0.25);
    expect(kullbackLeibler(p, q)).toBeCloseTo(0.5 * Math.log(2), 15);
    const toMiddle = 0.5 * Math.log(4 / 3);
    const fromMiddle = 0.25 * Math.log(2 / 3) + 0.25 * Math.log(2);
    expect(jensenShannon(p, q)).toBeCloseTo((toMiddle + fromMiddle) / 2, 15);
  });

  it("distinguish the directions of KL, and are infinite with missing support", () => {
    expect(kullbackLeibler(q, p)).toBe(Infinity);
    expect(kullbackLeibler([1, 0], [0, 1])).toBe(Infinity);
    expect(totalVariation([1, 0], [0, 1])).toBe(1);
    expect(jensenShannon([1, 0], [0, 1])).toBeCloseTo(Math.LN2, 15);
  });

  it("are 0 between equal distributions, and satisfy their inequalities", () => {
    fc.assert(
      fc.property(distributions, ([p, q]) => {
        const tv = totalVariation(p, q);
        expect(kullbackLeibler(p, p) + jensenShannon(p, p) + totalVariation(p, p)).toBe(0);
        expect(jensenShannon(p, q)).toBeCloseTo(jensenShannon(q, p), 14);
        // Pinsker (1964), and Lin (1991) for Jensen–Shannon.
        expect(kullbackLeibler(p, q)).toBeGreaterThanOrEqual(2 * tv ** 2 - 1e-12);
        expect(jensenShannon(p, q)).toBeLessThanOrEqual(tv * Math.LN2 + 1e-12);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe("divergence", () => {
  it("is from p to q, the reverse for reverse-kl", () => {
    const [a, b] = [
      [0.7, 0.3],
      [0.4, 0.6],
    ];
    expect(divergence("kl", a, b)).toBe(kullbackLeibler(a, b));
    expect(divergence("reverse-kl", a, b)).toBe(kullbackLeibler(b, a));
    expect(divergence("js", a, b)).toBe(jensenShannon(a, b));
    expect(divergence("tv", a, b)).toBe(totalVariation(a, b));
    expect(Math.abs(kullbackLeibler(a, b) - kullbackLeibler(b, a))).toBeGreaterThan(0.001);
  });
});

describe("divergenceSlope", () => {
  it.each(divergenceKinds)("of %s is the derivative in q", (kind) => {
    // Σ of one term, of which each divergence is a part; Jensen–Shannon's and KL's terms may be negative.
    const terms: Record<DivergenceKind, (p: number, q: number) => number> = {
      kl: (p, q) => p * Math.log(p / q),
      "reverse-kl": (p, q) => q * Math.log(q / p),
      js: (p, q) => (p * Math.log((2 * p) / (p + q)) + q * Math.log((2 * q) / (p + q))) / 2,
      tv: (p, q) => Math.abs(p - q) / 2,
    };
    for (const [p, q] of [
      [0.3, 0.2],
      [0.1, 0.5],
    ]) {
      const slope = (terms[kind](p, q + 1e-6) - terms[kind](p, q - 1e-6)) / 2e-6;
      expect(divergenceSlope(kind, p, q)).toBeCloseTo(slope, 6);
    }
  });

  it("has its limits where a mass is 0", () => {
    expect(divergenceSlope("kl", 0, 0.5)).toBe(0);
    expect(divergenceSlope("kl", 0, 0)).toBe(0);
    expect(divergenceSlope("kl", 0.5, 0)).toBe(-Infinity);
    expect(divergenceSlope("reverse-kl", 0.5, 0)).toBe(-Infinity);
    expect(divergenceSlope("reverse-kl", 0, 0)).toBe(-Infinity);
    expect(divergenceSlope("reverse-kl", 0, 0.5)).toBe(Infinity);
    expect(divergenceSlope("js", 0.5, 0)).toBe(-Infinity);
    expect(divergenceSlope("js", 0, 0)).toBe(0);
    expect(divergenceSlope("js", 0, 0.5)).toBeCloseTo(Math.LN2 / 2, 15);
    expect(divergenceSlope("tv", 0.5, 0.5)).toBe(0);
  });
});
