/** @file Anderson acceleration: it solves linear systems, forgets the oldest, and starts again when cleared. */

import { expect, it } from "vitest";
import { AndersonMemory } from "../../src/mdp/anderson.js";
import { createRng } from "../../src/random/rng.js";

/** A contraction x ← A x + b of n numbers, with A symmetric of spectral radius below 1. */
function linearMap(n: number, seed: string) {
  const rng = createRng(seed);
  const rows = Array.from({ length: n }, () => rng.fillNormal(new Float64Array(n)));
  const shift = rng.fillNormal(new Float64Array(n));
  // A little more than the spectral radius of a random symmetric matrix.
  const largest = 2.2 * Math.sqrt(2 * n) + 1;
  const evaluate = (x: Float64Array) => {
    const image = x.map((_, i) => {
      let sum = shift[i];
      for (let j = 0; j < n; j++) sum += (x[j] * (rows[i][j] + rows[j][i])) / largest;
      return sum;
    });
    return { image, residual: image.map((y, i) => y - x[i]) };
  };
  return evaluate;
}

const size = (x: Float64Array) => Math.max(...x.map(Math.abs));

/** The residual after k extrapolated steps. */
function residualAfter(memory: AndersonMemory, evaluate: ReturnType<typeof linearMap>, n: number, k: number) {
  let x = new Float64Array(n);
  for (let step = 0; step < k; step++) {
    const evaluation = evaluate(x);
    memory.push(evaluation);
    const next = new Float64Array(n);
    memory.extrapolate(evaluation, next);
    x = next;
  }
  return size(evaluate(x).residual);
}

it("solves a linear map of n numbers in n + 1 steps, as GMRES does", () => {
  for (const n of [1, 2, 5]) {
    const evaluate = linearMap(n, `map ${n}`);
    expect(residualAfter(new AndersonMemory(n), evaluate, n, n + 1)).toBeLessThan(1e-9);
    if (n > 1) expect(residualAfter(new AndersonMemory(n), evaluate, n, n - 1)).toBeGreaterThan(1e-4);
  }
});

it("goes on with the latest 16 differences", () => {
  const n = 60;
  const evaluate = linearMap(n, "long");
  const [at20, at45] = [20, 45].map((k) => residualAfter(new AndersonMemory(n), evaluate, n, k));
  expect(at45).toBeLessThan(1e-3 * at20);
});

it("takes the plain step first", () => {
  const memory = new AndersonMemory(2);
  const evaluation = { image: Float64Array.of(3, 4), residual: Float64Array.of(1, 2) };
  memory.push(evaluation);
  const out = new Float64Array(2);
  memory.extrapolate(evaluation, out);
  expect([...out]).toEqual([3, 4]);
});

it("knows nothing of the map before it was cleared", () => {
  const memory = new AndersonMemory(5);
  residualAfter(memory, linearMap(5, "before"), 5, 9);
  memory.clear();
  const evaluate = linearMap(5, "after");
  const cleared = residualAfter(memory, evaluate, 5, 4);
  expect(cleared).toBe(residualAfter(new AndersonMemory(5), evaluate, 5, 4));
});
