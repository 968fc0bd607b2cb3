/** @file Vectors in float64: norms, unit vectors, and weighted sums with weights of 0. */

import { describe, expect, it } from "vitest";
import { difference, dot, mixed, norm1, norm2, unit } from "../../../../algorithms/irl/shared/vectors.js";

const of = (...numbers: number[]) => Float64Array.from(numbers);

describe("vectors", () => {
  it("have norms and products", () => {
    expect(dot(of(1, 2, 3), of(4, -5, 6))).toBe(12);
    expect(norm1(of(3, -4))).toBe(7);
    expect(norm2(of(3, -4))).toBe(5);
    expect(difference(of(3, 1), of(1, 4))).toEqual(of(2, -3));
  });

  it("scale to length 1; the zero vector stays 0", () => {
    expect(unit(of(3, -4))).toEqual(of(0.6, -0.8));
    expect(unit(of(0, 0))).toEqual(of(0, 0));
  });

  it("are summed by weight, and a weight of 0 excludes infinite entries", () => {
    expect(mixed([of(1, 2), of(10, 20)], [0.5, 2])).toEqual(of(20.5, 41));
    expect(mixed([of(1, 2)], [3])).toEqual(of(3, 6));
    expect(mixed([of(1, 2), of(Infinity, NaN)], [1, 0])).toEqual(of(1, 2));
  });
});
