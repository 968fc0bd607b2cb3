/** @file Tests of the choice of comparisons, on probabilities whose worth is known. */

import { describe, expect, it } from "vitest";
import {
  choosePairs,
  drawPairs,
  type Pair,
  type QueryKind,
} from "../../../../algorithms/preferences/preference-learning/queries.js";
import { createRng } from "../../../../src/random/rng.js";

/**
 * Four segments and two members. 0 against 1: one member is sure of left, the other of right. 0 against 2: both at ½.
 * 0 against 3: both are sure of left.
 */
const returns = [
  [5, 0, 5, 0],
  [-5, 0, -5, -10],
];
const pairs: Pair[] = [
  [0, 3],
  [0, 2],
  [0, 1],
];
const places = [[0], [1], [0.1], [9]];
const first = (kind: QueryKind) => choosePairs(kind, pairs, 1, returns, places)[0];

describe("choosePairs", () => {
  it("asks where members disagree, and not where each of them is uncertain", () => {
    expect(first("disagreement")).toEqual([0, 1]);
    expect(first("information")).toEqual([0, 1]);
  });

  it("by entropy asks where the mean of the members is uncertain, whatever the reason", () => {
    const order = choosePairs("entropy", pairs, 3, returns, places);
    expect(order[2]).toEqual([0, 3]);
  });

  it("by coverage takes the pair farthest from those before", () => {
    expect(choosePairs("coverage", [pairs[1], pairs[2], pairs[0]], 2, returns, places)).toEqual([
      [0, 2],
      [0, 3],
    ]);
  });

  it("at random takes the first ones, and never more than there are", () => {
    expect(choosePairs("random", pairs, 2, returns, places)).toEqual(pairs.slice(0, 2));
    for (const kind of ["random", "disagreement", "coverage"] as const) {
      expect(choosePairs(kind, pairs, 9, returns, places)).toHaveLength(3);
    }
  });
});

describe("drawPairs", () => {
  it("draws different segments, no pair twice, on both sides", () => {
    const drawn = drawPairs(6, 15, createRng(0));
    expect(new Set(drawn.map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`)).size).toBe(15);
    expect(drawn.some(([a, b]) => a < b) && drawn.some(([a, b]) => a > b)).toBe(true);
    expect(drawPairs(3, 100, createRng(0))).toHaveLength(3);
  });
});
