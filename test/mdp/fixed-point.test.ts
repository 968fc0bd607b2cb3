/** @file Accelerated iteration to a fixed point: its result, its count, and which proposals it takes. */

import { describe, expect, it } from "vitest";
import { type Evaluation, type FixedPointOptions, fixedPoint } from "../../src/mdp/fixed-point.js";
import { maxNorm } from "../../src/mdp/model.js";

/** x ← x / 2 + 1, with the fixed point 2: from 0, plain iteration has the residuals 1, ½, ¼, … */
const halve = (x: Float64Array, into: Float64Array) => {
  into[0] = x[0] / 2 + 1;
};
const options: FixedPointOptions = { contraction: 0.5, target: 1e-6, norm: maxNorm, rounding: 1e-16 };
const solve = (more: Partial<FixedPointOptions> = {}) =>
  fixedPoint(halve, Float64Array.of(0), { ...options, ...more });
const plain = ({ image }: Evaluation) => image;

describe("a fixed point", () => {
  it("is reached by plain steps as soon as the residual allows it", () => {
    const { point, iterations } = solve({ propose: plain });
    // The residual after k applications is 2^(1 − k): the first of at most 10⁻⁶ is after 21.
    expect(iterations).toBe(21);
    expect(Math.abs(point[0] - 2)).toBeLessThanOrEqual(1e-6);
  });

  it("of a linear map is extrapolated from three evaluations", () => {
    expect(solve().iterations).toBeLessThanOrEqual(4);
    expect(solve().point[0]).toBeCloseTo(2, 9);
  });

  it("is left unfinished at the largest number of applications", () => {
    for (const maxIterations of [1, 2, 5]) {
      const { point, iterations } = solve({ propose: plain, maxIterations });
      expect(iterations).toBe(maxIterations);
      expect(point[0]).toBeCloseTo(2 - 2 ** (1 - maxIterations), 12);
    }
  });

  it("ends where rounding allows no smaller residual", () => {
    // Half of the numbers between 1 and 2 are the noise that is claimed.
    const { iterations } = solve({ propose: plain, target: 0, rounding: 2 ** -12 });
    expect(iterations).toBe(13);
  });

  it("is not reached by numbers that are not finite", () => {
    const broken = (_: Float64Array, into: Float64Array) => into.fill(Number.NaN);
    expect(() => fixedPoint(broken, Float64Array.of(0), options)).toThrow();
  });
});

describe("a proposal", () => {
  /** Whether the first proposal, a point with this residual, is taken: else the plain step follows. */
  const isTaken = (residual: number) => {
    const seen: number[] = [];
    const watched = (x: Float64Array, into: Float64Array) => {
      seen.push(x[0]);
      halve(x, into);
    };
    // x / 2 + 1 − x = residual.
    const proposed = 2 * (1 - residual);
    const propose = ({ image }: Evaluation) => (seen.length === 1 ? Float64Array.of(proposed) : image);
    fixedPoint(watched, Float64Array.of(0), { ...options, propose });
    expect(seen[1]).toBe(proposed);
    // After a refusal the plain step from 0 is evaluated: 1.
    return seen[2] !== 1;
  };

  it("is taken up to 2 / (1 − c) times the residual of plain iteration, and not beyond", () => {
    // Plain iteration has ½ after its first step, and 2 / (1 − ½) is 4.
    expect([0.1, 1.9, 2, -1.9].map(isTaken)).toEqual([true, true, true, true]);
    expect([2.01, -2.01, 100, Number.NaN].map(isTaken)).toEqual([false, false, false, false]);
  });

  it("never slows plain iteration down, however bad", () => {
    const bad = () => Float64Array.of(1e9);
    const { point, iterations } = solve({ propose: bad });
    expect(iterations).toBeLessThanOrEqual(2 * 21);
    expect(point[0]).toBeCloseTo(2, 5);
  });
});
