/** @file Passes over data: every index once per pass, in a new random order. */

import { describe, expect, it } from "vitest";
import { createRng } from "../../src/random/rng.js";
import { createPass, nextIndex, permute } from "../../src/rollout/epochs.js";

const take = (pass: ReturnType<typeof createPass>, count: number, steps: number) =>
  Array.from({ length: steps }, () => nextIndex(pass, count));
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe("a pass", () => {
  it("returns every index once before it restarts, in another order", () => {
    const pass = createPass(createRng(0));
    const [first, second] = [take(pass, 20, 20), take(pass, 20, 20)];
    expect([...first].sort((a, b) => a - b)).toEqual(upTo(20));
    expect([...second].sort((a, b) => a - b)).toEqual(upTo(20));
    expect(first).not.toEqual(second);
    expect(first).not.toEqual(upTo(20));
  });

  it("restarts if there is more data than before", () => {
    const pass = createPass(createRng(0));
    take(pass, 4, 3);
    expect(take(pass, 6, 6).sort((a, b) => a - b)).toEqual(upTo(6));
  });
});

describe("a permutation", () => {
  it("fills part of an array and keeps the rest", () => {
    const order = new Int32Array(30).fill(-1);
    permute(order.subarray(10, 20), createRng(0));
    expect(Array.from(order.subarray(10, 20)).sort((a, b) => a - b)).toEqual(upTo(10));
    expect(order.filter((i) => i === -1).length).toBe(20);
  });

  it("is uniform over all orders", () => {
    const rng = createRng(1);
    const counts = new Map<string, number>();
    for (let k = 0; k < 6000; k++) {
      const order = permute(new Int32Array(3), rng).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // Five standard deviations.
    for (const count of counts.values())
      expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(6000 * (5 / 36)));
  });
});
