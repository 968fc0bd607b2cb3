/** @file Uniform numbers by item. */

import { describe, expect, it } from "vitest";
import { chanceByItem } from "../../src/active/chance.js";
import { createRng } from "../../src/random/rng.js";

describe("chance by item", () => {
  it("is uniform over items and over seeds, and depends on both", () => {
    for (const bySeed of [false, true]) {
      const counts = new Array(10).fill(0);
      for (let i = 0; i < 10_000; i++) {
        const u = bySeed ? chanceByItem(createRng(i))(7) : chanceByItem(createRng(1))(i);
        expect(u).toBeGreaterThan(0);
        expect(u).toBeLessThan(1);
        counts[Math.floor(10 * u)]++;
      }
      const chi2 = counts.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
      expect(chi2).toBeLessThan(27.9); // 9 degrees of freedom, p = 0.001
    }
  });
});
