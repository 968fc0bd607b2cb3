/** @file Agreement of clusterings: exact values, invariance, and the expectation under permutations by brute force. */

import { describe, expect, it } from "vitest";
import { adjustedMutualInformation, clusterUsageEntropy, nmi } from "../../src/diagnostics/clustering.js";
import { createRng } from "../../src/random/rng.js";

describe("nmi", () => {
  it.each([
    [[0, 0, 1, 1], [1, 1, 0, 0], 1],
    [[0, 0, 1, 1], [0, 1, 0, 1], 0],
    [[0, 0, 1, 1], [0, 0, 1, 2], 0.8],
    [[0, 0, 0, 1], [0, 0, 1, 1], 0.343711],
    [[0, 1, 2, 3], [0, 0, 1, 1], 2 / 3],
    [[5, 5, 5], [1, 1, 1], 1],
    [[5, 5, 5, 5], [0, 1, 0, 1], 0],
  ])("of %j and %j is %d", (first, second, expected) => {
    expect(nmi(first, second)).toBeCloseTo(expected, 6);
    expect(nmi(second, first)).toBeCloseTo(expected, 6);
  });

  it.each([
    [32, 0.12, 0.02],
    [256, 0.013, 0.004],
  ])("of random labels of 4 clusters on %d items is about %d", (items, expected, tolerance) => {
    const rng = createRng("labels");
    const labels = () => Int32Array.from({ length: items }, () => rng.integer(4));
    const scores = Array.from({ length: 200 }, () => nmi(labels(), labels()));
    expect(Math.abs(scores.reduce((a, b) => a + b) / 200 - expected)).toBeLessThan(tolerance);
  });

  it("refuses labellings of different items", () => {
    expect(() => nmi([0, 1], [0])).toThrow("nmi: 2 labels against 1");
    expect(() => nmi([], [])).toThrow("no labels");
  });
});

/** All arrangements of the items. */
function permutations(items: number[]): number[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}

describe("adjustedMutualInformation", () => {
  const entropy = (labels: number[]) => {
    const counts = new Map<number, number>();
    for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
    return [...counts.values()].reduce(
      (sum, n) => sum - (n / labels.length) * Math.log(n / labels.length),
      0,
    );
  };
  /** I = NMI · (H(A) + H(B)) / 2. */
  const information = (a: number[], b: number[]) => (nmi(a, b) * (entropy(a) + entropy(b))) / 2;

  it("subtracts the mean over all permutations of the labels", () => {
    const first = [0, 0, 0, 1, 1, 2];
    const second = [0, 1, 0, 1, 1, 1];
    const all = permutations(second).map((labels) => information(first, labels));
    const expected = all.reduce((a, b) => a + b) / all.length;
    const top = (entropy(first) + entropy(second)) / 2;
    const score = (information(first, second) - expected) / (top - expected);
    expect(adjustedMutualInformation(first, second)).toBeCloseTo(score, 10);
  });

  it("is 1 for the same clustering, and 0 on average for independent ones", () => {
    expect(adjustedMutualInformation([0, 0, 1, 1, 2], [2, 2, 0, 0, 1])).toBeCloseTo(1, 10);
    expect(adjustedMutualInformation([1, 1, 1], [0, 0, 0])).toBe(1);
    const rng = createRng("independent");
    const labels = () => Array.from({ length: 32 }, () => rng.integer(4));
    const scores = Array.from({ length: 200 }, () => adjustedMutualInformation(labels(), labels()));
    expect(Math.abs(scores.reduce((a, b) => a + b) / 200)).toBeLessThan(0.02);
  });
});

describe("clusterUsageEntropy", () => {
  it("is log C when clusters are used equally, and 0 when all items are in one", () => {
    expect(clusterUsageEntropy([1, 0, 0, 1], 2)).toBeCloseTo(Math.log(2), 10);
    expect(clusterUsageEntropy([0.5, 0.5, 0.5, 0.5], 2)).toBeCloseTo(Math.log(2), 10);
    expect(clusterUsageEntropy([1, 0, 1, 0], 2)).toBe(0);
    expect(() => clusterUsageEntropy([1, 0, 1], 2)).toThrow("3 numbers are not rows of 2");
  });
});
