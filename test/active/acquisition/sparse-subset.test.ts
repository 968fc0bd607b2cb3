/** @file Sparse subsets: Frank–Wolfe, and the updates that items are expected to give. */

import { describe, expect, it } from "vitest";
import { expectedUpdates, frankWolfe, sparseSubset } from "../../../src/active/acquisition/sparse-subset.js";
import { createRng } from "../../../src/random/rng.js";
import { erf } from "../../../src/tensor/scalars.js";
import { poolOf, randomPool } from "../../support/pools.js";

const expectClose = (actual: ArrayLike<number>, expected: ArrayLike<number>) => {
  expect(actual).toHaveLength(expected.length);
  for (let i = 0; i < expected.length; i++) expect(Math.abs(actual[i] - expected[i])).toBeLessThan(1e-12);
};
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

describe("two steps of Frank–Wolfe by hand", () => {
  // L = (3, 4), σ = 3 + 4. Step 1: b, with γ = ⟨(0, 7), L⟩ / 49 = 4/7, so w_b = 1 and L − L(w) = (3, 0). Step 2: a, along
  // d = (7, 0) − (0, 4), with γ = ⟨d, (3, 0)⟩ / ⟨d, d⟩ = 21/65.
  const vectors = [3, 0, 0, 4];

  it("chooses the longer of two orthogonal vectors, with weight 1", () => {
    const { weights, rest } = frankWolfe(vectors, 2, 1, [0, 1]);
    expectClose(weights, [0, 1]);
    expectClose(rest, [3, 0]);
  });

  it("then goes to the other, which takes weight from the first", () => {
    const { weights, rest } = frankWolfe(vectors, 2, 2, [0, 1]);
    expectClose(weights, [((21 / 65) * 7) / 3, 44 / 65]);
    expectClose(rest, [48 / 65, 84 / 65]);
  });

  it("does not depend on the order of the vectors", () => {
    expectClose(frankWolfe([0, 4, 3, 0], 2, 2, [1, 0]).weights, [44 / 65, ((21 / 65) * 7) / 3]);
  });
});

describe("Frank–Wolfe against brute force", () => {
  const [count, width] = [7, 4];
  const keys = Array.from({ length: count }, (_, i) => i);

  /** A few random vectors that lean to one side, as updates of a posterior do. */
  function random(seed: number): number[][] {
    const rng = createRng(seed);
    return Array.from({ length: count }, () => Array.from({ length: width }, () => rng.normal() - 0.5));
  }
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    Array.from(a).reduce((sum, x, j) => sum + x * b[j], 0);
  const lengthOf = (v: ArrayLike<number>) => Math.sqrt(dot(v, v));
  const whole = (vectors: number[][]) => vectors[0].map((_, j) => vectors.reduce((sum, v) => sum + v[j], 0));
  const restOf = (vectors: number[][], weights: ArrayLike<number>) =>
    whole(vectors).map((x, j) => x - vectors.reduce((sum, v, i) => sum + weights[i] * v[j], 0));

  /** The least ‖L − w_a L_a − w_b L_b‖ with weights that are not negative. */
  function leastOfPair(vectors: number[][], a: number, b: number): number {
    const L = whole(vectors);
    const alone = (i: number) => {
      const w = Math.max(0, dot(L, vectors[i])) / dot(vectors[i], vectors[i]);
      return lengthOf(L.map((x, j) => x - w * vectors[i][j]));
    };
    const [aa, ab, bb] = [
      dot(vectors[a], vectors[a]),
      dot(vectors[a], vectors[b]),
      dot(vectors[b], vectors[b]),
    ];
    const [ya, yb] = [dot(vectors[a], L), dot(vectors[b], L)];
    const determinant = aa * bb - ab * ab;
    const [wa, wb] = [(ya * bb - yb * ab) / determinant, (yb * aa - ya * ab) / determinant];
    if (wa < 0 || wb < 0) return Math.min(alone(a), alone(b));
    return lengthOf(L.map((x, j) => x - wa * vectors[a][j] - wb * vectors[b][j]));
  }
  const pairs = keys.flatMap((a) => keys.slice(a + 1).map((b): [number, number] => [a, b]));

  it("is the best subset of one with its best weight ⟨L, L_n⟩ / ‖L_n‖²", () => {
    for (let seed = 0; seed < 40; seed++) {
      const vectors = random(seed);
      const L = whole(vectors);
      const best = keys.map((i) => Math.max(0, dot(L, vectors[i])) / dot(vectors[i], vectors[i]));
      const errors = keys.map((i) => lengthOf(L.map((x, j) => x - best[i] * vectors[i][j])));
      const { weights, rest } = frankWolfe(vectors.flat(), width, 1, keys);
      const chosen = errors.indexOf(Math.min(...errors));
      expectClose(
        weights,
        keys.map((i) => (i === chosen ? best[i] : 0)),
      );
      expectClose([lengthOf(rest)], [errors[chosen]]);
    }
  });

  it("goes at each step to the vertex that leads furthest down, and to the lowest point on the way", () => {
    for (let seed = 0; seed < 10; seed++) {
      const vectors = random(seed);
      const lengths = vectors.map(lengthOf);
      const sigma = lengths.reduce((a, b) => a + b, 0);
      for (let step = 1; step < 8; step++) {
        const before = frankWolfe(vectors.flat(), width, step, keys).weights;
        const after = frankWolfe(vectors.flat(), width, step + 1, keys);
        const rest = restOf(vectors, before);
        const slopes = vectors.map((v, i) => (sigma / lengths[i]) * dot(v, rest));
        const vertex = slopes.indexOf(Math.max(...slopes));
        const moved = (gamma: number) =>
          Array.from(before, (w, i) => (1 - gamma) * w + (i === vertex ? (gamma * sigma) / lengths[i] : 0));
        const gammas = Array.from({ length: 1001 }, (_, n) => n / 1000);
        const least = Math.min(...gammas.map((gamma) => lengthOf(restOf(vectors, moved(gamma)))));
        expect(lengthOf(after.rest)).toBeLessThan(least + 1e-12);
        expectClose(after.rest, restOf(vectors, after.weights));
        // All other weights shrink by the same factor.
        const other = keys.find((i) => i !== vertex && before[i] > 0);
        if (other !== undefined) expectClose(after.weights, moved(1 - after.weights[other] / before[other]));
      }
    }
  });

  it("has a pair that is near the best of all pairs, and a random pair is not", () => {
    let [chosen, mean] = [0, 0];
    const seeds = 60;
    for (let seed = 0; seed < seeds; seed++) {
      const vectors = random(seed);
      const errors = pairs.map(([a, b]) => leastOfPair(vectors, a, b));
      const best = Math.min(...errors);
      const { weights, rest } = frankWolfe(vectors.flat(), width, 2, keys);
      const [a, b] = keys.filter((i) => weights[i] > 0);
      expect(lengthOf(rest)).toBeGreaterThan(leastOfPair(vectors, a, b) - 1e-12);
      chosen += leastOfPair(vectors, a, b) / best / seeds;
      mean += errors.reduce((sum, x) => sum + x / errors.length, 0) / best / seeds;
    }
    expect(chosen).toBeLessThan(1.7);
    expect(mean).toBeGreaterThan(4);
  });

  it("finds the best pair where the vectors are copies of two, and with enough steps their numbers", () => {
    const copies = [
      [1, 0, 2, 0],
      [0, 3, 0, 1],
    ];
    const vectors = keys.map((i) => copies[Number(i > 2)]);
    for (let seed = 0; seed < 5; seed++) {
      const chance = keys.map((i) => createRng(seed).stream("key", i).uniform());
      const { weights } = frankWolfe(vectors.flat(), width, 2, chance);
      const [a, b] = keys.filter((i) => weights[i] > 0);
      const errors = pairs.map(([x, y]) => (vectors[x] === vectors[y] ? 1 : leastOfPair(vectors, x, y)));
      expect([a > 2, b > 2]).toEqual([false, true]);
      expect(leastOfPair(vectors, a, b)).toBeLessThan(Math.min(...errors) + 1e-12);
    }
    const { weights } = frankWolfe(vectors.flat(), width, 2000, keys);
    expect(weights[2]).toBeCloseTo(3, 0);
    expect(weights[6]).toBeCloseTo(4, 0);
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

  it("has the updates of two samples by hand", () => {
    // P = (0.6, 0.4) is the mean of (0.8, 0.2) and (0.4, 0.6).
    const entropy = -0.6 * Math.log(0.6) - 0.4 * Math.log(0.4);
    const [first, second] = [
      0.6 * Math.log(0.8) + 0.4 * Math.log(0.2) + entropy,
      0.6 * Math.log(0.4) + 0.4 * Math.log(0.6) + entropy,
    ];
    const updates = expectedUpdates({ count: 2, data: [0.8, 0.2, 0.4, 0.6] }, 2);
    expectClose(updates, [first / Math.sqrt(2), second / Math.sqrt(2)]);
  });

  it("has the updates of probit regression, whose mean prediction is Φ(xᵀμ / √(1 + xᵀΣx))", () => {
    const phi = (z: number) => (1 + erf(z / Math.SQRT2)) / 2;
    // θ ~ N(μ, I) in two dimensions, at the quantiles of each.
    const quantiles = Array.from({ length: 40 }, (_, q) => {
      let [low, high] = [-8, 8];
      for (let n = 0; n < 60; n++) {
        const middle = (low + high) / 2;
        if (phi(middle) < (q + 0.5) / 40) low = middle;
        else high = middle;
      }
      return low;
    });
    const thetas = quantiles.flatMap((a) => quantiles.map((b) => [0.5 + a, b - 0.25]));
    const xs = [
      [1, 0],
      [0.5, -1],
      [0.2, 0.3],
      [-0.7, 0.4],
    ];
    const given = ([x, y]: number[], [a, b]: number[]) => phi(a * x + b * y);
    const data = thetas.flatMap((theta) => xs.flatMap((x) => [given(x, theta), 1 - given(x, theta)]));
    const updates = expectedUpdates({ count: thetas.length, data }, 2);
    let largest = 0;
    for (const [i, x] of xs.entries()) {
      const P = phi((0.5 * x[0] - 0.25 * x[1]) / Math.sqrt(1 + x[0] ** 2 + x[1] ** 2));
      const entropy = -P * Math.log(P) - (1 - P) * Math.log(1 - P);
      for (const [s, theta] of thetas.entries()) {
        const p = given(x, theta);
        const exact = P * Math.log(p) + (1 - P) * Math.log(1 - p) + entropy;
        largest = Math.max(
          largest,
          Math.abs(Math.sqrt(thetas.length) * updates[i * thetas.length + s] - exact),
        );
      }
    }
    expect(largest).toBeLessThan(0.005);
  });

  it("adds items whose update is the longest where one item stands for all", async () => {
    // Two samples 0.5 ± δ: the update is log(1 − 4 δ²) / 2 for both, so that all items point the same way.
    for (let seed = 0; seed < 20; seed++) {
      const rng = createRng(seed);
      const deltas = Array.from({ length: 5 }, () => 0.499 - 0.4 * rng.uniform() ** 6);
      const p = (item: number, s: number) => 0.5 + deltas[item] * (s ? 1 : -1);
      const samples = (item: number, s: number) => [p(item, s), 1 - p(item, s)];
      const pool = poolOf({ candidates: [0, 1, 2, 3, 4], classes: 2, samples, count: 2 });
      const updates = expectedUpdates(await pool.samples(), 2);
      const lengths = deltas.map((d) => -Math.log(1 - 4 * d * d) / 2);
      updates.forEach((x, n) => {
        expect(x).toBeCloseTo(-lengths[n >> 1] / Math.SQRT2, 9);
      });
      const [first, ...others] = await sparseSubset().select(pool, 3, rng);
      const longest = [0, 1, 2, 3, 4].filter((i) => i !== first).sort((a, b) => lengths[b] - lengths[a]);
      expect(others).toEqual(longest.slice(0, 2));
    }
  });
});
