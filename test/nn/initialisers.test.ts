import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Initialiser, initialisers } from "../../src/nn/index.js";
import { createRng } from "../../src/random/rng.js";
import { expectMean, mean, variance } from "./support.js";

const draw = (initialise: Initialiser, shape: number[], seed = 1): Float32Array => {
  const out = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(Number.NaN);
  initialise(out, shape, createRng(seed));
  return out;
};

describe("orthogonal", () => {
  test("the shorter side's vectors are orthogonal with the norm of the gain, for every shape", () => {
    const sides = fc.integer({ min: 1, max: 24 });
    fc.assert(
      fc.property(
        sides,
        sides,
        fc.constantFrom(0.01, 1, Math.SQRT2),
        fc.nat(),
        (rows, columns, gain, seed) => {
          const q = draw(initialisers.orthogonal(gain), [rows, columns], seed);
          const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
          const at = (vector: number, k: number) =>
            rows <= columns ? q[vector * columns + k] : q[k * columns + vector];
          for (let a = 0; a < count; a++) {
            for (let b = 0; b <= a; b++) {
              let dot = 0;
              for (let k = 0; k < length; k++) dot += at(a, k) * at(b, k);
              expect(Math.abs(dot / gain ** 2 - (a === b ? 1 : 0))).toBeLessThan(1e-6);
            }
          }
        },
      ),
      { seed: 1, numRuns: 60 },
    );
  });

  test("large square matrices stay orthogonal", () => {
    const n = 128;
    const q = draw(initialisers.orthogonal(), [n, n]);
    let worst = 0;
    for (let a = 0; a < n; a++) {
      for (let b = 0; b <= a; b++) {
        let dot = 0;
        for (let k = 0; k < n; k++) dot += q[k * n + a] * q[k * n + b];
        worst = Math.max(worst, Math.abs(dot - (a === b ? 1 : 0)));
      }
    }
    expect(worst).toBeLessThan(1e-6);
  });

  test("kernels count as one row per filter", () => {
    const kernel = draw(initialisers.orthogonal(2), [3, 2, 2, 2]);
    const dot = (a: number, b: number) =>
      kernel.slice(8 * a, 8 * a + 8).reduce((s, v, i) => s + v * kernel[8 * b + i], 0);
    expect(dot(0, 0)).toBeCloseTo(4, 5);
    expect(dot(0, 1)).toBeCloseTo(0, 5);
    expect(dot(2, 1)).toBeCloseTo(0, 5);
  });

  test("all directions are equally likely", () => {
    const corners = Float64Array.from(
      { length: 2000 },
      (_, seed) => draw(initialisers.orthogonal(), [3, 3], seed)[4],
    );
    expectMean(corners, 0);
    expectMean(
      corners.map((x) => x * x),
      1 / 3,
    );
  });
});

describe("scaled initialisers", () => {
  const dense = [200, 300];
  const kernel = [40, 20, 5, 5];
  test.each<[string, Initialiser, number[], number, number]>([
    ["xavierUniform", initialisers.xavierUniform(), dense, 2 / 500, Math.sqrt(6 / 500)],
    ["xavierUniform of a kernel", initialisers.xavierUniform(2), kernel, 8 / 1500, 2 * Math.sqrt(6 / 1500)],
    ["heNormal", initialisers.heNormal(), dense, 2 / 200, Number.POSITIVE_INFINITY],
    ["heNormal of a kernel", initialisers.heNormal(), kernel, 2 / 500, Number.POSITIVE_INFINITY],
    ["heUniform", initialisers.heUniform(1), dense, 1 / 200, Math.sqrt(3 / 200)],
    ["fanInUniform", initialisers.fanInUniform, dense, 1 / 600, 1 / Math.sqrt(200)],
    ["uniform", initialisers.uniform(0.3), [5000], 0.03, 0.3],
    ["normal", initialisers.normal(0.5), [5000], 0.25, Number.POSITIVE_INFINITY],
  ])("%s has mean zero, its variance and its bound", (_, initialise, shape, expected, bound) => {
    const out = draw(initialise, shape);
    expectMean(out, 0);
    expect(variance(out) / expected).toBeGreaterThan(0.93);
    expect(variance(out) / expected).toBeLessThan(1.07);
    expect(Math.max(...out.map(Math.abs))).toBeLessThanOrEqual(bound);
  });

  test("constants fill arrays, and the same seed gives the same values", () => {
    expect(mean(draw(initialisers.constant(3), [4]))).toBe(3);
    expect(mean(draw(initialisers.zeros, [4]))).toBe(0);
    expect(draw(initialisers.heNormal(), [3, 4], 3)).toEqual(draw(initialisers.heNormal(), [3, 4], 3));
    expect(draw(initialisers.heNormal(), [3, 4], 3)).not.toEqual(draw(initialisers.heNormal(), [3, 4], 4));
  });

  test("a vector has no fan", () => {
    expect(() => draw(initialisers.heNormal(), [4])).toThrow("a parameter of shape [4] has no fan");
  });
});
