/** @file Passes over data: every index once in each, in a new random order. */

import { describe, expect, it } from "vitest";
import { createRng } from "../../src/random/rng.js";
import { createPass, nextIndex } from "../../src/rollout/epochs.js";

const take = (pass: ReturnType<typeof createPass>, count: number, steps: number) =>
  Array.from({ length: steps }, () => nextIndex(pass, count));
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe("a pass", () => {
  it("returns every index once before it begins anew, in another order", () => {
    const pass = createPass(createRng(0));
    const [first, second] = [take(pass, 20, 20), take(pass, 20, 20)];
    expect([...first].sort((a, b) => a - b)).toEqual(upTo(20));
    expect([...second].sort((a, b) => a - b)).toEqual(upTo(20));
    expect(first).not.toEqual(second);
    expect(first).not.toEqual(upTo(20));
  });

  it("begins anew when there is more data than before", () => {
    const pass = createPass(createRng(0));
    take(pass, 4, 3);
    expect(take(pass, 6, 6).sort((a, b) => a - b)).toEqual(upTo(6));
  });
});
