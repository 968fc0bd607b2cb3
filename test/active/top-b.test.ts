/** @file The B largest scores. */

import { describe, expect, it } from "vitest";
import { topB } from "../../src/active/top-b.js";
import { createRng } from "../../src/random/rng.js";

describe("topB", () => {
  it("gives the places that a whole sort gives, the largest first", () => {
    const rng = createRng(1);
    for (const length of [0, 1, 2, 7, 50]) {
      const scores = Float64Array.from({ length }, () => rng.integer(10));
      const keys = Float64Array.from({ length }, () => rng.uniform());
      const sorted = Array.from(scores, (_, i) => i).sort(
        (a, b) => scores[b] - scores[a] || keys[b] - keys[a],
      );
      for (const size of [0, 1, 3, length, length + 5]) {
        expect([...topB(scores, size, keys)]).toEqual(sorted.slice(0, size));
      }
    }
  });
});
