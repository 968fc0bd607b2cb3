/** @file BADGE: k-means++ on gradients that are never formed. */

import { describe, expect, it } from "vitest";
import { badgePlaces } from "../../../src/active/acquisition/badge.js";
import { createRng } from "../../../src/random/rng.js";

const items = Int32Array.of(0, 1, 2, 3);
const p = [0.5, 0.5, 0.9, 0.1, 0.6, 0.4, 0.6, 0.4];
const z = { width: 2, data: [3, 0, 1, 1, 0, 2, 0, 2] };

/** (p − e_ŷ) ⊗ z, with ŷ the first of equally probable classes. */
const gradients = [0, 1, 2, 3].map((i) => {
  const own = p.slice(2 * i, 2 * i + 2);
  own[own.indexOf(Math.max(...own))] -= 1;
  return own.flatMap((a) => [a * z.data[2 * i], a * z.data[2 * i + 1]]);
});
const square = (a: number[], b: number[]) => a.reduce((sum, x, j) => sum + (x - b[j]) ** 2, 0);

describe("BADGE", () => {
  it("starts with the longest gradient, and goes on in proportion to squared distances", () => {
    const counts = [0, 0, 0, 0];
    const runs = 4000;
    for (let seed = 0; seed < runs; seed++) {
      const [first, second] = badgePlaces(p, 2, z, 2, { items, rng: createRng(seed) });
      expect(first).toBe(0);
      counts[second]++;
    }
    const distances = gradients.map((g) => square(g, gradients[0]));
    const total = distances.reduce((a, b) => a + b, 0);
    expect(counts[0]).toBe(0);
    for (const i of [1, 2, 3]) {
      const share = distances[i] / total;
      expect(Math.abs(counts[i] / runs - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / runs));
    }
  });

  it("takes a second copy of an item only when nothing else is left", () => {
    for (let seed = 0; seed < 50; seed++) {
      const places = [...badgePlaces(p, 2, z, 4, { items, rng: createRng(seed) })];
      expect([...places].sort()).toEqual([0, 1, 2, 3]);
      expect([2, 3]).toContain(places[3]);
    }
  });

  it("chooses distinct items where the model is sure of all", () => {
    const sure = [1, 0, 1, 0, 1, 0, 1, 0];
    expect(new Set(badgePlaces(sure, 2, z, 4, { items, rng: createRng(1) })).size).toBe(4);
  });
});
