/** @file log Γ and ψ at known values, and against each other. */

import { describe, expect, it } from "vitest";
import { digamma, logGamma } from "../../src/crowds/gamma.js";

describe("logGamma", () => {
  it("is the logarithm of factorials and of √π", () => {
    expect(logGamma(1)).toBeCloseTo(0, 12);
    expect(logGamma(5)).toBeCloseTo(Math.log(24), 12);
    expect(logGamma(0.5)).toBeCloseTo(0.5 * Math.log(Math.PI), 12);
    expect(logGamma(30)).toBeCloseTo(71.257038967168, 10);
  });
});

describe("digamma", () => {
  it("is −γ at 1, and −γ − 2 log 2 at ½", () => {
    const euler = 0.577215664901533;
    expect(digamma(1)).toBeCloseTo(-euler, 12);
    expect(digamma(0.5)).toBeCloseTo(-euler - 2 * Math.log(2), 12);
  });

  it("is the slope of logGamma", () => {
    for (const x of [0.1, 0.7, 3, 9.99, 10.01, 200]) {
      expect(digamma(x)).toBeCloseTo((logGamma(x + 1e-5) - logGamma(x - 1e-5)) / 2e-5, 6);
    }
  });
});
