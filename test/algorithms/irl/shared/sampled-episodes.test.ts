/** @file The steps of sampled episodes: their rows, weights and sums, against sums written out. */

import { describe, expect, it } from "vitest";
import { featureMap } from "../../../../algorithms/irl/shared/features.js";
import {
  episodeSums,
  featureExpectations,
  sampledSteps,
  sampledValue,
  stepWeights,
} from "../../../../algorithms/irl/shared/sampled-episodes.js";
import { dense } from "../../../../algorithms/irl/shared/sparse-rows.js";
import type { Demonstration } from "../../../../src/datasets/demonstrations.js";
import { box } from "../../../../src/spaces/index.js";

const spaces = { observationSpace: box([2], -9, 9), actionSpace: box([2], -9, 9) };
const map = featureMap("test", { id: "Plane", ...spaces }, { rewardOf: "state-action" });

/** Three numbers a step: episodes of three and of two steps, the second with three times the weight. */
const episode = (from: number, rewards: number[], more: Partial<Demonstration> = {}): Demonstration => ({
  observations: Float32Array.from({ length: 2 * (rewards.length + 1) }, (_, i) => from + i),
  actions: Float32Array.from({ length: 2 * rewards.length }, (_, i) => -from - i),
  rewards: Float64Array.from(rewards),
  terminated: true,
  truncated: false,
  ...more,
});
const episodes = [episode(0, [1, 2, 4]), episode(20, [8, 16], { weight: 3 })];
const discount = 0.5;
const steps = sampledSteps(map, spaces, episodes, { discount });

describe("the steps of sampled episodes", () => {
  it("have the rows of all states and actions, one after the other", () => {
    expect([...dense(steps.rows)]).toEqual(
      [
        ...[0, 1, 0, -1],
        ...[2, 3, -2, -3],
        ...[4, 5, -4, -5],
        ...[20, 21, -20, -21],
        ...[22, 23, -22, -23],
      ].map((x) => x + 0),
    );
    expect([...steps.starts]).toEqual([0, 3, 5]);
    const next = featureMap("test", { id: "Plane", ...spaces }, { rewardOf: "next-state" });
    expect([...dense(sampledSteps(next, spaces, episodes, { discount }).rows)]).toEqual([
      ...[2, 3, 4, 5, 6, 7],
      ...[22, 23, 24, 25],
    ]);
  });

  it("have weights γᵗ times the weight of their episode", () => {
    expect([...steps.discounts]).toEqual([1, 0.5, 0.25, 1, 0.5]);
    expect([...steps.shares]).toEqual([0.25, 0.75]);
    expect([...stepWeights(steps)]).toEqual([0.25, 0.125, 0.0625, 0.75, 0.375]);
    expect([...stepWeights(steps, Float64Array.of(2, 1))]).toEqual([2, 1, 0.5, 1, 0.5]);
  });

  it("have discounted sums in each episode, returns among them", () => {
    expect([...episodeSums(steps, [1, 2, 4, 8, 16])]).toEqual([1 + 1 + 1, 8 + 8]);
    expect([...steps.returns]).toEqual([3, 16]);
    expect(sampledValue(steps)).toBe(0.25 * 3 + 0.75 * 16);
  });

  it("have feature expectations: the mean discounted sums of the features", () => {
    const rows = dense(steps.rows);
    const weights = stepWeights(steps);
    const expected = [0, 1, 2, 3].map((j) => weights.reduce((sum, w, k) => sum + w * rows[4 * k + j], 0));
    expect([...featureExpectations(steps)]).toEqual(expected);
  });

  it("leave out episodes without a step", () => {
    const empty = { ...episode(0, []), actions: new Float32Array(0) };
    expect(sampledSteps(map, spaces, [empty, ...episodes], { discount })).toEqual(steps);
  });

  it("stand for the steps after a time limit where tails are scaled", () => {
    const cut = episode(0, [1, 2, 4], { terminated: false, truncated: true });
    const scaled = sampledSteps(map, spaces, [cut, episodes[1]], { discount, tails: "scaled" });
    // Σ γᵗ is 2 over all times, and 1.75 over three steps; the second episode ended.
    expect([...scaled.discounts].map((x, k) => x / steps.discounts[k])).toEqual([8 / 7, 8 / 7, 8 / 7, 1, 1]);
    expect(scaled.returns[0]).toBeCloseTo((3 * 8) / 7, 12);
    expect(scaled.returns[1]).toBe(16);
  });

  it("weigh only the demonstrated ones of a subsample, as much as all", () => {
    const part = episode(0, [1, 2, 4], { steps: Int32Array.of(0, 2) });
    const { discounts } = sampledSteps(map, spaces, [part], { discount });
    expect(discounts[1]).toBe(0);
    expect(discounts[0] + discounts[2]).toBeCloseTo(1.75, 12);
    expect(discounts[0]).toBeGreaterThan(discounts[2]);
  });
});
