/** @file BALD and query by committee: identities. */

import { describe, expect, it } from "vitest";
import { baldScores, meanPrediction } from "../../../src/active/acquisition/bald.js";
import { committeeScores } from "../../../src/active/acquisition/query-by-committee.js";
import { randomPool } from "../../support/pools.js";

describe("BALD", () => {
  it("is the mean divergence of the samples from their mean, and not negative", async () => {
    const [classes, items, count] = [4, 30, 7];
    const samples = await randomPool({ classes, items, count }).samples();
    const scores = baldScores(samples, classes);
    const mean = meanPrediction(samples);
    for (let i = 0; i < items; i++) {
      let divergence = 0;
      for (let s = 0; s < count; s++) {
        for (let k = 0; k < classes; k++) {
          const p = samples.data[(s * items + i) * classes + k];
          divergence += (p * Math.log(p / mean[i * classes + k])) / count;
        }
      }
      expect(Math.abs(scores[i] - divergence)).toBeLessThan(1e-12);
      expect(scores[i]).toBeGreaterThan(0);
    }
    expect([...committeeScores(samples, classes, "kl")]).toEqual([...scores]);
  });

  it("is 0 where all samples agree, also about zeros, and log 2 where two are sure of different classes", () => {
    const same = { count: 2, data: [0.5, 0.5, 0, 0.5, 0.5, 0] };
    expect([...baldScores(same, 3)]).toEqual([0]);
    const apart = { count: 2, data: [1, 0, 0, 0, 1, 0] };
    expect(baldScores(apart, 3)[0]).toBeCloseTo(Math.log(2), 12);
  });
});

describe("a committee of five with votes 3, 1 and 1", () => {
  const [a, b, c] = [
    [0.6, 0.3, 0.1],
    [0.3, 0.6, 0.1],
    [0.3, 0.1, 0.6],
  ];
  const samples = { count: 5, data: [a, b, a, c, a].flat() };

  it("disagrees in 14 ordered pairs, as counted one by one", () => {
    const votes = [0, 1, 0, 2, 0];
    const pairs = votes.flatMap((x, i) => votes.filter((y, j) => i !== j && x !== y)).length;
    expect(committeeScores(samples, 3, "vote")[0]).toBe(pairs);
    expect(pairs).toBe(14);
  });

  it("has the entropy of its votes, and 2 of 5 votes against the majority", () => {
    const entropy = -0.6 * Math.log(0.6) - 2 * 0.2 * Math.log(0.2);
    expect(committeeScores(samples, 3, "vote-entropy")[0]).toBeCloseTo(entropy, 12);
    expect(committeeScores(samples, 3, "variation")[0]).toBeCloseTo(0.4, 12);
  });
});
