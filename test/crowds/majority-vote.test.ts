/** @file Majority vote: shares, weights, ties, and items without labels. */

import { describe, expect, it } from "vitest";
import { annotationsFrom, majorityVote } from "../../src/crowds/index.js";

const annotations = annotationsFrom(
  [
    { item: 0, annotator: 0, label: 1 },
    { item: 0, annotator: 1, label: 2 },
    { item: 1, annotator: 0, label: 2, weight: 3 },
    { item: 1, annotator: 1, label: 1 },
  ],
  { classes: [0, 1, 2], truth: { 2: 0 } },
);

describe("majorityVote", () => {
  it("gives the weighted shares of the labels, and those of all labels where there are none", () => {
    const { posterior, labels, prior } = majorityVote(annotations);
    expect([...posterior]).toEqual([0, 0.5, 0.5, 0, 0.25, 0.75, 0, 1 / 3, 2 / 3]);
    expect([...labels]).toEqual([1, 2, 2]);
    expect(prior.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
  });

  it("breaks ties by the first class, or by a seed", () => {
    expect([...majorityVote(annotations, { ties: "first" }).posterior.subarray(0, 3)]).toEqual([0, 1, 0]);
    const chosen = Array.from(
      { length: 20 },
      (_, seed) => majorityVote(annotations, { ties: "random", seed }).labels[0],
    );
    expect(new Set(chosen)).toEqual(new Set([1, 2]));
    const again = majorityVote(annotations, { ties: "random", seed: 3 });
    expect(majorityVote(annotations, { ties: "random", seed: 3 })).toEqual(again);
  });
});
