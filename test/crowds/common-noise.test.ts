/** @file Simulated common errors: strengths and proportions are as asked. */

import { describe, expect, it } from "vitest";
import { commonNoise } from "../../src/crowds/index.js";
import { UsageError } from "../../src/errors.js";

const small = { items: 1500, tests: 50, seed: 1 };
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

describe("commonNoise", () => {
  const set = commonNoise({ ...small, strength: 0.8, proportion: 0.3 });
  const { annotations, truth, common, own, byCommon, omega, items } = set;
  const K = 6;

  it("draws answers by the common matrix in the proportion that is asked, depending on the item", () => {
    expect(mean(omega)).toBeCloseTo(0.3, 6);
    expect(Math.abs(mean(byCommon) - 0.3)).toBeLessThan(0.03);
    const spread = Math.sqrt(mean(omega.map((w) => (w - 0.3) ** 2)));
    expect(spread).toBeGreaterThan(0.1);
    expect(items.names.length).toBe(1550);
    expect(annotations.label.length).toBe(4500);
  });

  it("has answers that are right as often as the matrices say", () => {
    const right = { common: [0, 0], own: [0, 0] };
    for (let i = 0; i < annotations.items; i++) {
      for (let n = annotations.itemStart[i]; n < annotations.itemStart[i + 1]; n++) {
        const part = right[byCommon[n] ? "common" : "own"];
        part[0]++;
        if (annotations.label[n] === truth[i]) part[1]++;
        else if (!byCommon[n]) {
          expect(own[(annotations.annotator[n] * K + truth[i]) * K + annotations.label[n]]).toBeCloseTo(
            0.3,
            12,
          );
        }
      }
    }
    expect(right.common[1] / right.common[0]).toBeGreaterThan(0.15);
    expect(right.common[1] / right.common[0]).toBeLessThan(0.25);
    expect(right.own[1] / right.own[0]).toBeGreaterThan(0.66);
    expect(right.own[1] / right.own[0]).toBeLessThan(0.74);
  });

  it("has rows that sum to 1, in pairs where errors are symmetric", () => {
    const pairs = commonNoise({ ...small, items: 5, kind: "symmetric", strength: 0.4 }).common;
    for (let k = 0; k < K; k++) {
      expect(pairs.subarray(k * K, (k + 1) * K).reduce((a, b) => a + b)).toBeCloseTo(1, 12);
      expect(pairs[k * K + k]).toBeCloseTo(0.6, 12);
      const partner = pairs.subarray(k * K, (k + 1) * K).findIndex((p, y) => y !== k && p > 0);
      expect(pairs[partner * K + k]).toBeCloseTo(0.4, 12);
    }
    expect(common.filter((p) => p > 0).length).toBe(2 * K);
  });

  it("is decided by its seed, has no common errors at 0, and refuses what is no share", () => {
    expect(commonNoise({ ...small, strength: 0.8, proportion: 0.3 }).annotations.label).toEqual(
      annotations.label,
    );
    expect(mean(commonNoise({ ...small, items: 20, proportion: 0 }).byCommon)).toBe(0);
    expect(() => commonNoise({ strength: 1.2 })).toThrow(UsageError);
  });
});
