/** @file Kernel density estimates of demonstrated pairs: the kernels, their weights, and the bandwidth. */

import { describe, expect, it } from "vitest";
import {
  densityOf,
  type KernelOptions,
  kernelsOf,
  scottBandwidth,
} from "../../../algorithms/shared/kernel-density.js";
import { expertRows, learnerRows } from "../../../algorithms/shared/transition-rows.js";
import { type Demonstrations, demonstrationsOf, type Spaces } from "../../../src/datasets/demonstrations.js";
import { demonstratedTransitions } from "../../../src/datasets/transitions.js";
import { createRng } from "../../../src/random/rng.js";
import { box, discrete } from "../../../src/spaces/index.js";

async function measured(
  spaces: Spaces,
  shown: Demonstrations,
  { horizon, ...options }: KernelOptions & { horizon: "absorbing" | "fixed" },
) {
  const expert = expertRows(shown, horizon === "absorbing");
  return densityOf(spaces, await kernelsOf(spaces, expert, options, createRng(0)));
}

describe("the density of demonstrations", () => {
  it("is the mean of Gaussian kernels at the pairs, in standard deviations of the demonstrations", async () => {
    const spaces = { observationSpace: box([1], -100, 100), actionSpace: discrete(2) };
    const values = [1, 2, 6];
    const shown = demonstrationsOf(
      [
        {
          observations: Float32Array.of(...values, 0),
          actions: Int32Array.of(0, 1, 1),
          rewards: new Float64Array(3),
          terminated: false,
          truncated: true,
        },
      ],
      { env: "Numbers-v0", ...spaces },
    );
    const options = { bandwidth: 0.8, kernels: 10, lowest: -20, horizon: "absorbing" as const };
    const measure = await measured(spaces, shown, options);
    const transitions = demonstratedTransitions(shown);
    const rows = learnerRows(transitions, true);
    const { rewards, absorbing } = await measure(rows);
    const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - 3) ** 2, 0) / 3);
    const features = values.map((x, i) => [(x - 3) / deviation, 0, i === 0 ? 1 : 0, i === 0 ? 0 : 1]);
    const expected = (x: number[]) =>
      Math.log(
        features.reduce(
          (sum, y) => sum + Math.exp(-y.reduce((d, v, j) => d + (v - x[j]) ** 2, 0) / (2 * 0.64)) / 3,
          0,
        ),
      );
    for (let i = 0; i < 3; i++) expect(rewards[i]).toBeCloseTo(expected(features[i]), 4);
    // No demonstration ends; one that does adds a fourth kernel, at the absorbing state.
    expect(absorbing).toBe(-20);
    const [only] = shown.trajectories;
    const ending = { ...shown, trajectories: [{ ...only, terminated: true, truncated: false }] };
    const ended = await (await measured(spaces, ending, options))(rows);
    expect(ended.absorbing).toBeCloseTo(Math.log(1 / 4), 4);
    const far = { ...transitions, observations: transitions.observations.map(() => 100) };
    expect(Array.from((await measure(learnerRows(far, true))).rewards)).toEqual([-20, -20, -20]);
  });

  it("has Scott's bandwidth for the numbers of a state and an action together", async () => {
    const spaces = { observationSpace: box([2], -100, 100), actionSpace: discrete(3) };
    const steps = 12;
    const rng = createRng("scott");
    const shown = demonstrationsOf(
      [
        {
          observations: rng.fillNormal(new Float32Array(2 * (steps + 1))),
          actions: Int32Array.from({ length: steps }, (_, t) => t % 3),
          rewards: new Float64Array(steps),
          terminated: false,
          truncated: true,
        },
      ],
      { env: "Numbers-v0", ...spaces },
    );
    const rows = learnerRows(demonstratedTransitions(shown), true);
    const rewardsWith = async (bandwidth: "scott" | number) => {
      const options = { bandwidth, kernels: 100, lowest: -20, horizon: "fixed" as const };
      return (await (await measured(spaces, shown, options))(rows)).rewards;
    };
    // Two numbers and whether the state is absorbing; three indicators of the action.
    expect(await rewardsWith("scott")).toEqual(await rewardsWith(scottBandwidth(steps, 3 + 3)));
  });

  it("of a drawn part of the kernels is their mean too", async () => {
    const spaces = { observationSpace: box([1], -100, 100), actionSpace: discrete(2) };
    const shown = demonstrationsOf(
      [
        {
          observations: new Float32Array(6).fill(3),
          actions: Int32Array.of(1, 1, 1, 1, 1),
          rewards: new Float64Array(5),
          terminated: false,
          truncated: true,
        },
      ],
      { env: "Numbers-v0", ...spaces },
    );
    const rows = learnerRows(demonstratedTransitions(shown), true);
    for (const kernels of [1, 2, 4, 5, 9]) {
      const options = { bandwidth: 0.8, kernels, lowest: -20, horizon: "absorbing" as const };
      const { rewards } = await (await measured(spaces, shown, options))(rows);
      // All pairs are the same: each kernel is 1 there.
      expect(rewards.length).toBe(5);
      for (const reward of rewards) expect(reward).toBeCloseTo(0, 5);
    }
  });

  it("is the same for a row among any number of rows", async () => {
    const spaces = { observationSpace: box([1], -100, 100), actionSpace: discrete(2) };
    const shown = demonstrationsOf(
      [
        {
          observations: Float32Array.of(1, 2, 6, 9),
          actions: Int32Array.of(0, 1, 1),
          rewards: new Float64Array(3),
          terminated: true,
          truncated: false,
        },
      ],
      { env: "Numbers-v0", ...spaces },
    );
    const options = { bandwidth: 0.8, kernels: 10, lowest: -20, horizon: "absorbing" as const };
    const measure = await measured(spaces, shown, options);
    const few = demonstratedTransitions(shown);
    const times = 700;
    const many = {
      observations: Float32Array.from({ length: times * 3 }, (_, k) => few.observations[k % 3]),
      nextObservations: Float32Array.from({ length: times * 3 }, (_, k) => few.nextObservations[k % 3]),
      actions: Int32Array.from({ length: times * 3 }, (_, k) => few.actions[k % 3]),
      terminated: new Uint8Array(times * 3),
    };
    const [once, often] = [await measure(learnerRows(few, true)), await measure(learnerRows(many, true))];
    for (let k = 0; k < times * 3; k++) expect(often.rewards[k]).toBe(often.rewards[k % 3]);
    for (let k = 0; k < 3; k++) expect(often.rewards[k]).toBeCloseTo(once.rewards[k], 5);
    expect(often.absorbing).toBeCloseTo(once.absorbing, 5);
    expect(often.rewards.length).toBe(times * 3);
  });

  it("is at most that of a kernel at its centre, whatever is lost in rounding", async () => {
    const spaces = { observationSpace: box([3], -100, 100), actionSpace: discrete(2) };
    const pairs = 200;
    const shown = demonstrationsOf(
      [
        {
          observations: createRng("rounding").fillNormal(new Float32Array(3 * (pairs + 1))),
          actions: new Int32Array(pairs),
          rewards: new Float64Array(pairs),
          terminated: false,
          truncated: true,
        },
      ],
      { env: "Numbers-v0", ...spaces },
    );
    const options = { bandwidth: 1e-3, kernels: pairs, lowest: -50, horizon: "absorbing" as const };
    const measure = await measured(spaces, shown, options);
    const { rewards } = await measure(learnerRows(demonstratedTransitions(shown), true));
    expect(Math.max(...rewards)).toBeLessThan(Math.log(1 / pairs) + 1e-4);
    expect(Math.max(...rewards)).toBeGreaterThan(Math.log(1 / pairs) - 1e-4);
  });

  it("has Scott's bandwidth, which narrows with more pairs", () => {
    expect(scottBandwidth(16, 0)).toBeCloseTo(0.5, 12);
    expect(scottBandwidth(100, 4)).toBeGreaterThan(scottBandwidth(1000, 4));
  });
});
