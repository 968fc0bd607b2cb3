/** @file Measures of learning curves. */

import { describe, expect, it } from "vitest";
import {
  areaUnder,
  classBalance,
  deficiency,
  kappaOf,
  labelsToReach,
  overlap,
} from "../../src/active/metrics.js";

const labels = [10, 20, 40];

describe("a learning curve", () => {
  it("has as its area the mean value over the range of labels", () => {
    expect(areaUnder({ labels, values: [0, 1, 1] })).toBeCloseTo((5 + 20) / 30, 12);
    expect(areaUnder({ labels, values: [0.7, 0.7, 0.7] })).toBeCloseTo(0.7, 12);
    expect(areaUnder({ labels: [10], values: [0.4] })).toBe(0.4);
  });

  it("reaches a value between two points", () => {
    expect(labelsToReach({ labels, values: [0, 0.5, 0.9] }, 0.7)).toBeCloseTo(30, 12);
    expect(labelsToReach({ labels, values: [0.8, 0.5, 0.9] }, 0.7)).toBe(10);
    expect(labelsToReach({ labels, values: [0, 0.5, 0.9] }, 0.95)).toBeUndefined();
  });

  it("has the deficiency 1 if it is that of random sampling, and less if it is better", () => {
    const random = { labels, values: [0.2, 0.4, 0.8] };
    expect(deficiency(random, random)).toBe(1);
    expect(deficiency({ labels, values: [0.2, 0.7, 0.8] }, random)).toBeCloseTo(0.7, 12);
  });
});

describe("what was bought", () => {
  it("overlaps by the shared part of all items", () => {
    expect(overlap([1, 2, 3], [3, 2, 9, 8])).toBe(2 / 5);
    expect(overlap([1], [2])).toBe(0);
    expect(overlap([], [])).toBe(1);
  });

  it("is balanced where as many of each class were bought", () => {
    expect(classBalance(Int32Array.of(0, 1, 2, 0, 1, 2), 3)).toBeCloseTo(1, 12);
    expect(classBalance(Int32Array.of(1, 1, 1), 3)).toBe(0);
  });
});

describe("kappa", () => {
  it("is the agreement beyond chance, and 1 for equal lists, also of one class", () => {
    const one = Int32Array.of(0, 0, 1, 1);
    expect(kappaOf(one, Int32Array.of(0, 0, 1, 0), 2)).toBeCloseTo((0.75 - 0.5) / 0.5, 12);
    expect(kappaOf(one, Int32Array.of(1, 1, 0, 0), 2)).toBeCloseTo(-1, 12);
    expect(kappaOf(one, one, 2)).toBe(1);
    expect(kappaOf(Int32Array.of(1, 1), Int32Array.of(1, 1), 3)).toBe(1);
  });
});
