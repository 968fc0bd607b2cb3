/** @file All acquisitions: whole and distinct batches, no dependence on the order, ties by chance. */

import { describe, expect, it } from "vitest";
import type { Acquisition, PoolView } from "../../../src/active/contract.js";
import * as active from "../../../src/active/index.js";
import { UsageError } from "../../../src/errors.js";
import { createRng } from "../../../src/random/rng.js";
import { poolOf, randomPool } from "../../support/pools.js";

const all: Record<string, Acquisition> = {
  random: active.random(),
  entropy: active.entropy(),
  leastConfidence: active.leastConfidence(),
  margin: active.margin(),
  ...Object.fromEntries(
    active.disagreements.map((m) => [`queryByCommittee ${m}`, active.queryByCommittee(m)]),
  ),
  bald: active.bald(),
  batchBald: active.batchBald(),
  "batchBald, drawn": active.batchBald({ configurations: 9 }),
  coreSet: active.coreSet(),
  badge: active.badge(),
  sparseSubset: active.sparseSubset(),
  density: active.density(active.margin(), 2),
  expectedErrorReduction: active.expectedErrorReduction({ candidates: 8, reference: 6 }),
  "margin@12": active.subPool(active.margin(), 12),
};

const shuffled = (list: number[], seed: number) => createRng(seed).shuffle([...list]);

describe.each(Object.entries(all))("%s", (_, acquisition) => {
  const chosen = async (pool: PoolView, size: number, seed = 1) => [
    ...(await acquisition.select(pool, size, createRng(seed))),
  ];

  it("gives distinct candidates, as many as asked for or all", async () => {
    const pool = randomPool({ candidates: [5, 3, 17, 9, 40, 41, 2] });
    for (const size of [1, 3, 7, 10]) {
      const batch = await chosen(pool, size);
      expect(batch).toHaveLength(Math.min(size, 7));
      expect(new Set(batch).size).toBe(batch.length);
      for (const item of batch) expect([...pool.candidates]).toContain(item);
    }
    expect(await chosen(randomPool({ candidates: [6] }), 1)).toEqual([6]);
  });

  it("gives distinct candidates of items that are all alike, each as often", async () => {
    const alike = poolOf({
      candidates: Array.from({ length: 10 }, (_, i) => i),
      classes: 3,
      labelled: [10],
      probabilities: () => [0.5, 0.25, 0.25],
      samples: (_, s) => (s % 2 ? [0.5, 0.25, 0.25] : [0.25, 0.5, 0.25]),
      embedding: () => [1, 2],
      updated: async (_, __, at) => [...at].flatMap(() => [0.5, 0.25, 0.25]),
    });
    const counts = new Array(10).fill(0);
    const runs = 400;
    for (let seed = 0; seed < runs; seed++) {
      const batch = await chosen(alike, 3, seed);
      expect(new Set(batch).size).toBe(3);
      for (const item of batch) counts[item]++;
    }
    const expected = (3 * runs) / 10;
    const chi2 = counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    expect(chi2).toBeLessThan(27.9); // 9 degrees of freedom, p = 0.001
  });

  it("depends on the items and not on their order", async () => {
    const list = Array.from({ length: 30 }, (_, i) => 3 * i);
    const [pool, other] = [list, shuffled(list, 7)].map((candidates) => randomPool({ candidates }));
    const sorted = async (view: PoolView) => (await chosen(view, 6)).sort((a, b) => a - b);
    expect(await sorted(other)).toEqual(await sorted(pool));
    if (!acquisition.scores) return;
    const [scores, moved] = [await acquisition.scores(pool), await acquisition.scores(other)];
    for (const [i, item] of other.candidates.entries()) {
      expect(moved[i]).toBeCloseTo(scores[pool.candidates.indexOf(item)], 12);
    }
  });

  it("repeats its choice with the same seed", async () => {
    expect(await chosen(randomPool(), 5, 3)).toEqual(await chosen(randomPool(), 5, 3));
  });
});

describe("scores of single predictions", () => {
  it("have the values of their definitions", async () => {
    const p = [0.5, 0.5, 0, 0, 1, 0, 0.2, 0.3, 0.5];
    expect([...active.entropyScores(p, 3)]).toEqual([Math.log(2), 0, expect.closeTo(1.0297, 4)]);
    expect([...active.leastConfidenceScores(p, 3)]).toEqual([0.5, 0, 0.5]);
    expect([...active.marginScores(p, 3)]).toEqual([1, 0, expect.closeTo(0.8, 12)]);
  });

  it("rank items of two classes alike", () => {
    const rng = createRng(4);
    const p = Array.from({ length: 200 }, () => rng.uniform()).flatMap((x) => [x, 1 - x]);
    const ranks = [active.entropyScores, active.leastConfidenceScores, active.marginScores].map((scores) => {
      const own = scores(p, 2);
      return Array.from(own, (_, i) => i).sort((a, b) => own[b] - own[a]);
    });
    expect(ranks[1]).toEqual(ranks[0]);
    expect(ranks[2]).toEqual(ranks[0]);
  });
});

describe("information density", () => {
  it("weighs a score by the mean similarity to the power alpha", async () => {
    const pool = poolOf({
      candidates: [0, 1, 2],
      classes: 2,
      probabilities: () => [0.5, 0.5],
      embedding: (i) =>
        [
          [1, 0],
          [2, 0],
          [0, 3],
        ][i],
    });
    const scores = await active.density(active.entropy(), 2).scores!(pool);
    const similar = [(1 + 2 / 3) / 2, (1 + 2 / 3) / 2, (1 + 1 / 3) / 2];
    scores.forEach((score, i) => {
      expect(score).toBeCloseTo(Math.log(2) * similar[i] ** 2, 12);
    });
    expect(() => active.density(active.coreSet())).toThrow(UsageError);
  });
});
