/** @file Tests of the fit of a reward: recovery of a known one, held-out comparisons, standardisation. */

import { describe, expect, it } from "vitest";
import {
  accuracy,
  type Comparison,
  createRewardState,
  type FitOptions,
  fitReward,
  isHeldOut,
  learntRewards,
} from "../../../../algorithms/preferences/preference-learning/fit.js";
import { rewardEnsemble } from "../../../../algorithms/preferences/reward-ensemble.js";
import type { ShownSegment } from "../../../../src/datasets/show-segments.js";
import { createRng } from "../../../../src/random/rng.js";
import { box, discrete } from "../../../../src/spaces/index.js";

const spaces = { observationSpace: box([2], -3, 3), actionSpace: discrete(2) };
const options: FitOptions = {
  ensemble: 2,
  input: "pair",
  hidden: [],
  activation: "tanh",
  learningRate: 0.03,
  l2: 0,
  minibatchSize: 16,
  segmentLength: 4,
  lapse: 0,
  heldOut: 0.2,
  epochs: 30,
  stopAccuracy: 1,
};
const rng = createRng("fit");

/** The reward s₀ − 2 s₁ + a. */
const truth = (s: ArrayLike<number>, a: number) => s[0] - 2 * s[1] + a;
const segments: ShownSegment[] = Array.from({ length: 120 }, () => {
  const observations = rng.fillNormal(new Float32Array(5 * 2));
  const actions = Int32Array.from({ length: 4 }, () => rng.integer(2));
  const rewards = Float64Array.from(actions, (a, t) => truth(observations.subarray(2 * t, 2 * t + 2), a));
  return { observations, actions, rewards, terminated: false };
});
const returnOf = (k: number) => segments[k].rewards.reduce((a, b) => a + b);
const comparisons: Comparison[] = Array.from({ length: 200 }, (_, k) => {
  const [left, right] = [rng.integer(120), rng.integer(120)];
  return { id: k + 1, left, right, target: Number(returnOf(left) > returnOf(right)) };
});

async function fitted(answers: readonly Comparison[], own: Partial<FitOptions> = {}) {
  const all = { ...options, ...own };
  const ensemble = rewardEnsemble(spaces, all);
  const state = createRewardState(ensemble, spaces, all.ensemble, createRng(3));
  const metrics = await fitReward(state, ensemble, spaces, { segments, comparisons: answers }, all);
  return { ensemble, state, metrics };
}

describe("fitReward", () => {
  it("recovers a linear reward up to its offset and scale, and predicts held-out comparisons", async () => {
    const { state, metrics, ensemble } = await fitted(comparisons);
    expect(metrics.heldOutAccuracy).toBeGreaterThan(0.9);
    expect(metrics.rewardAccuracy).toBeGreaterThan(0.95);
    const grid = [
      [0, 0, 0],
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ];
    const { rewards } = await learntRewards(state, ensemble, spaces, {
      observations: Float32Array.from(grid.flatMap((row) => row.slice(0, 2))),
      actions: Int32Array.from(grid.map(([, , a]) => a)),
    });
    const [s0, s1, a] = [rewards[1] - rewards[0], rewards[2] - rewards[0], rewards[3] - rewards[0]];
    const cosine = (s0 - 2 * s1 + a) / (Math.hypot(s0, s1, a) * Math.sqrt(6));
    expect(cosine).toBeGreaterThan(0.97);
  });

  it("fails where the answers are those of chance", async () => {
    const { metrics } = await fitted(comparisons.map((each) => ({ ...each, target: rng.integer(2) })));
    expect(metrics.heldOutAccuracy).toBeLessThan(0.75);
  });

  it("standardises the members on the steps of the segments", async () => {
    const { state, ensemble } = await fitted(comparisons, { ensemble: 1 });
    const { rewards } = await learntRewards(state, ensemble, spaces, {
      observations: Float32Array.from(
        segments.flatMap(({ observations }) => [...observations.subarray(0, 8)]),
      ),
      actions: Int32Array.from(segments.flatMap(({ actions }) => [...actions])),
    });
    const mean = rewards.reduce((sum, x) => sum + x, 0) / rewards.length;
    const deviation = Math.sqrt(rewards.reduce((sum, x) => sum + (x - mean) ** 2, 0) / rewards.length);
    expect(mean).toBeCloseTo(0, 4);
    expect(deviation).toBeCloseTo(1, 3);
  });

  it("holds out the same comparisons whatever else is asked", async () => {
    const { state } = await fitted(comparisons.slice(0, 20));
    const held = comparisons.filter((each) => isHeldOut(each, state, 0.2)).map(({ id }) => id);
    const fewer = comparisons.slice(50).filter((each) => isHeldOut(each, state, 0.2));
    expect(held.length).toBeGreaterThan(20);
    expect(held.length).toBeLessThan(60);
    expect(fewer.map(({ id }) => id)).toEqual(held.filter((id) => id > 50));
  });

  it("has a finite held-out loss where it is sure, and the loss of chance where it knows nothing", async () => {
    const sure = await fitted(comparisons, { learningRate: 10 });
    expect(Number.isFinite(sure.metrics.heldOutLoss)).toBe(true);
    const { metrics } = await fitted(comparisons, { epochs: 0, lapse: 1 });
    expect(metrics.heldOutLoss).toBeCloseTo(Math.LN2, 12);
  });

  it("refuses a member whose reward is not finite, with its number", async () => {
    const { state, ensemble } = await fitted(comparisons.slice(0, 20));
    state.parameters.fill(Number.NaN);
    const one = { observations: new Float32Array(2), actions: new Int32Array(1) };
    await expect(learntRewards(state, ensemble, spaces, one)).rejects.toThrow(
      /member 0 of the reward is NaN/,
    );
  });
});

describe("accuracy", () => {
  it("counts comparisons with a choice alone", () => {
    const returns = [Float64Array.of(1, 0, 0)];
    const of = (left: number, right: number, target: number) => ({ id: 1, left, right, target });
    expect(accuracy([of(0, 1, 1), of(0, 2, 0), of(0, 1, 0.5)], returns)).toBe(0.5);
    expect(accuracy([of(0, 1, 0.5)], returns)).toBeUndefined();
  });
});
