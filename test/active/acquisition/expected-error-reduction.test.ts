/** @file Expected error reduction against sums by hand, on four points. */

import { describe, expect, it } from "vitest";
import {
  expectedErrorReduction,
  expectedLosses,
} from "../../../src/active/acquisition/expected-error-reduction.js";
import { createRng } from "../../../src/random/rng.js";
import { poolOf } from "../../support/pools.js";

/** Naive Bayes on one binary feature with Laplace counts, after points (x, y). */
function posterior(points: [x: number, y: number][], x: number): number[] {
  const joint = [0, 1].map((y) => {
    const own = points.filter(([, label]) => label === y);
    const same = own.filter(([feature]) => feature === x).length;
    return ((own.length + 1) / (points.length + 2)) * ((same + 1) / (own.length + 2));
  });
  const sum = joint[0] + joint[1];
  return joint.map((p) => p / sum);
}

const known: [number, number][] = [
  [0, 0],
  [1, 1],
];
const x = [0, 1, 1, 1];
const pool = poolOf({
  candidates: [0, 1, 2, 3],
  classes: 2,
  probabilities: (item) => posterior(known, x[item]),
  updated: async (item, label, at) => [...at].flatMap((m) => posterior([...known, [x[item], label]], x[m])),
});

/** The definition, without the candidate among the items on which the loss is measured. */
function byHand(candidate: number, expectation: "updated" | "current"): number {
  const others = [0, 1, 2, 3].filter((m) => m !== candidate);
  let loss = 0;
  posterior(known, x[candidate]).forEach((weight, label) => {
    for (const m of others) {
      const after = posterior([...known, [x[candidate], label]], x[m]);
      const q = expectation === "updated" ? after : posterior(known, x[m]);
      loss -= (weight * q.reduce((sum, p, k) => sum + p * Math.log(after[k]), 0)) / others.length;
    }
  });
  return loss;
}

describe("expected error reduction", () => {
  it.each(["updated", "current"] as const)("is the expected loss under the %s model", async (expectation) => {
    const losses = await expectedLosses(pool, [0, 1, 2, 3], [0, 1, 2, 3], expectation);
    losses.forEach((loss, i) => {
      expect(loss).toBeCloseTo(byHand(i, expectation), 12);
    });
  });

  it("takes the item with the smallest loss", async () => {
    const best = [0, 1, 2, 3].reduce((a, b) => (byHand(b, "updated") < byHand(a, "updated") - 1e-12 ? b : a));
    const batch = await expectedErrorReduction().select(pool, 1, createRng(1));
    expect(x[batch[0]]).toBe(x[best]);
  });

  it("tries as many candidates as are asked for", async () => {
    const tried = new Set<number>();
    const counting = {
      ...pool,
      updated: (item: number, label: number, at: Int32Array) => {
        tried.add(item);
        expect([...at]).not.toContain(item);
        return pool.updated(item, label, at);
      },
    };
    await expectedErrorReduction({ candidates: 2 }).select(counting, 1, createRng(1));
    expect(tried.size).toBe(2);
  });
});
