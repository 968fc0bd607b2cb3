/** @file Entropies by the table of logarithms against `Math.log`. */

import { describe, expect, it } from "vitest";
import { entropyAt, entropyScores } from "../../../src/active/acquisition/entropy.js";
import { tabledEntropies, tabledEntropyAt, wordsOf } from "../../../src/active/acquisition/entropy-table.js";
import { createRng } from "../../../src/random/rng.js";

/** Numbers of all sizes from 2⁻⁸⁰ to 1, as many near 1. */
function numbers(count: number): Float64Array {
  const rng = createRng(5);
  return Float64Array.from({ length: count }, (_, n) =>
    n % 2 === 0 ? 2 ** (-80 * rng.uniform()) : 1 - 2 ** (-30 * rng.uniform()),
  );
}

describe("a table of logarithms", () => {
  it("gives −p log p to 1e-15, in single and in double precision", () => {
    const doubles = numbers(20_000);
    const floats = Float32Array.from(doubles);
    const words = wordsOf(doubles);
    const entropies = tabledEntropies(floats, 1);
    let [single, double] = [0, 0];
    for (let n = 0; n < doubles.length; n++) {
      single = Math.max(single, Math.abs(entropies[n] - entropyAt(floats, n, 1)));
      double = Math.max(double, Math.abs(tabledEntropyAt(doubles, words, n, 1) - entropyAt(doubles, n, 1)));
    }
    expect(single).toBeLessThan(1e-15);
    expect(double).toBeLessThan(1e-15);
  });

  it("is exact at 0 and 1, as good as 0 below all normal numbers, and right a little above 1", () => {
    const edges = Float32Array.of(0, -0, 1, 2 ** -140, 1 + 2 ** -20);
    const entropies = tabledEntropies(edges, 1);
    expect([...entropies.subarray(0, 3)].map(Math.abs)).toEqual([0, 0, 0]);
    expect(Math.abs(entropies[3])).toBeLessThan(1e-35);
    expect(entropies[4]).toBeCloseTo(entropyAt(edges, 4, 1), 15);
    const doubles = Float64Array.of(0, 1, 2 ** -140, 2 ** -1070, 0.25, 0.75);
    const of = (from: number, count: number) => tabledEntropyAt(doubles, wordsOf(doubles), from, count);
    expect(of(0, 4)).toBe(0);
    expect(of(4, 2)).toBeCloseTo(entropyAt(doubles, 4, 2), 15);
  });

  it("sums rows of a part of a buffer, as entropies of other arrays do", () => {
    const whole = Float32Array.of(9, 0.5, 0.25, 0.25, 1, 0, 0, 9);
    const rows = whole.subarray(1, 7);
    expect([...entropyScores(rows, 3)]).toEqual([1.5 * Math.LN2, 0]);
    expect([...entropyScores([...rows], 3)]).toEqual([1.5 * Math.LN2, 0]);
    expect(tabledEntropies(Float32Array.of(Number.NaN, 1), 2)[0]).toBeNaN();
  });
});
