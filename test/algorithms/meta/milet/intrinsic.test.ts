/** @file Intrinsic rewards of exploration: schedules at their exact values, telescoping, signs. */

import { describe, expect, it } from "vitest";
import {
  consistencyWeight,
  divergenceAt,
  entropyAt,
  entropyWeight,
  intrinsicRewards,
} from "../../../../algorithms/meta/milet/intrinsic.js";
import { createRng } from "../../../../src/random/rng.js";

const options = { entropy: 0.1, consistency: 0.1, rate: 10 };

describe("the weights of an episode of 100 steps", () => {
  it.each([
    [0, 0.09999546, -0.09999092],
    [99, 0.00951626, 0.08096748],
    [100, 0, 0.1],
  ])("at step %d are %d and %d", (step, entropy, consistency) => {
    expect(entropyWeight(step, 100, options)).toBeCloseTo(entropy, 8);
    expect(consistencyWeight(step, 100, options)).toBeCloseTo(consistency, 8);
  });

  it("change sign 10 ln 2 steps before the end, and have the same shape for every length", () => {
    expect(consistencyWeight(100 - 10 * Math.log(2), 100, options)).toBeCloseTo(0, 10);
    expect(consistencyWeight(0.3 * 20, 20, options)).toBeCloseTo(consistencyWeight(30, 100, options), 10);
  });
});

/** Softmax of random logits, `[rows, 4]`. */
function randomBeliefs(rows: number): Float32Array {
  const rng = createRng("beliefs");
  const out = new Float32Array(rows * 4);
  for (let i = 0; i < rows; i++) {
    const e = Array.from({ length: 4 }, () => Math.exp(2 * rng.normal()));
    const sum = e.reduce((a, b) => a + b);
    for (let j = 0; j < 4; j++) out[i * 4 + j] = e[j] / sum;
  }
  return out;
}

describe("intrinsicRewards", () => {
  const [horizon, count] = [7, 3];
  const clusters = randomBeliefs((horizon + 1) * count);
  const { entropy, consistency } = intrinsicRewards(clusters, horizon, [7, 7, 7]);

  it("pay in sum what was learnt: Σ r_h = H(q₀) − H(q_H)", () => {
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (let t = 0; t < horizon; t++) sum += entropy[t * count + i];
      const ends = [i, horizon * count + i].map((row) => entropyAt(clusters, row * 4, 4));
      expect(sum).toBeCloseTo(ends[0] - ends[1], 6);
    }
  });

  it("never pay for a change of belief: r_c ≤ 0, and 0 only for equal beliefs", () => {
    for (const reward of consistency) expect(reward).toBeLessThan(0);
    const same = intrinsicRewards(Float32Array.of(0.3, 0.7, 0.3, 0.7), 1, [1]);
    expect(same.consistency[0]).toBeCloseTo(0, 12);
    // KL(q_t ‖ q_{t+1}), in this direction.
    const moved = intrinsicRewards(Float64Array.of(0.5, 0.5, 0.9, 0.1), 1, [1]);
    expect(-moved.consistency[0]).toBeCloseTo(0.5 * Math.log(0.5 / 0.9) + 0.5 * Math.log(0.5 / 0.1), 12);
    expect(divergenceAt([0.5, 0.5, 0.9, 0.1], 2, 0, 2)).not.toBeCloseTo(-moved.consistency[0], 3);
  });

  it("pay in an episode that ends early what they pay in a whole one, and nothing after its end", () => {
    const lengths = [7, 2, 5];
    const early = intrinsicRewards(clusters, horizon, lengths);
    for (const [key, whole] of Object.entries({ entropy, consistency })) {
      const expected = whole.map((reward, k) => (Math.floor(k / count) < lengths[k % count] ? reward : 0));
      expect(early[key as "entropy"]).toEqual(expected);
    }
  });

  it("pay ln C from uniform to certain", () => {
    const told = intrinsicRewards(Float32Array.of(0.25, 0.25, 0.25, 0.25, 0, 1, 0, 0), 1, [1]);
    expect(told.entropy[0]).toBeCloseTo(Math.log(4), 10);
    expect(told.consistency[0]).toBeLessThan(0);
    // What is impossible afterwards has probability 10⁻³⁰, in place of an endless divergence.
    expect(divergenceAt([1, 0, 0, 1], 0, 2, 2)).toBeCloseTo(30 * Math.log(10), 12);
  });
});
