/** @file The buffer of trials: whole trials of single environments, the last ones only. */

import { expect, it } from "vitest";
import {
  addTrials,
  createTrialBuffer,
  sampleTrials,
} from "../../../../algorithms/meta/belief/trial-buffer.js";
import { createRng } from "../../../../src/random/rng.js";

/** Entry (t, i, j) of rollout r is 1000 r + 100 i + 10 t + j. */
function rollout(r: number, steps: number, count: number, width: number): Float32Array {
  const entry = (k: number) => {
    const [t, i, j] = [Math.floor(k / (count * width)), Math.floor(k / width) % count, k % width];
    return 1000 * r + 100 * i + 10 * t + j;
  };
  return Float32Array.from({ length: steps * count * width }, (_, k) => entry(k));
}

it("returns whole trials of single environments, and forgets the oldest", () => {
  const [steps, count, width] = [3, 2, 2];
  const buffer = createTrialBuffer(3, steps, width);
  for (let r = 0; r < 2; r++) addTrials(buffer, rollout(r, steps, count, width), steps, [3 - r, 2]);
  expect(buffer.added).toBe(4);
  const out = new Float32Array(steps * 20 * width);
  const lengths = new Int32Array(20);
  sampleTrials(buffer, steps, createRng(0), out, lengths);
  const trials = new Set<number>();
  for (let b = 0; b < 20; b++) {
    const first = out[b * width];
    trials.add(first);
    expect(lengths[b]).toBe(2);
    for (let t = 0; t < steps; t++) {
      for (let j = 0; j < width; j++) expect(out[(t * 20 + b) * width + j]).toBe(first + 10 * t + j);
    }
  }
  // Four trials were added; the first of them, 0, was overwritten by the last, 1100.
  expect([...trials].sort((a, b) => a - b)).toEqual([100, 1000, 1100]);
});
