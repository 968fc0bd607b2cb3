/** @file Labelled pairs of demonstrations. */

import { beforeAll, describe, expect, it } from "vitest";
import { valueIteration } from "../../../algorithms/index.js";
import { pairsOf, scalingOf } from "../../../algorithms/shared/labelled-pairs.js";
import { collect, type Demonstrations, train } from "../../../index.js";
import { splitEpisodes } from "../../../src/datasets/demonstrations.js";
import { createRng } from "../../../src/random/rng.js";
import { box, discrete } from "../../../src/spaces/index.js";

const ENV = "FrozenLake-v1";

let demonstrations: Demonstrations;

beforeAll(async () => {
  const expert = await train(valueIteration(), { env: ENV });
  demonstrations = await collect(expert, { env: ENV, episodes: 5, seed: 0, deterministic: true });
});

describe("pairs of demonstrations", () => {
  it("hold every action with its observation, and no final observation", () => {
    const { trajectories } = demonstrations;
    const pairs = pairsOf(trajectories, demonstrations);
    expect(pairs.count).toBe(trajectories.reduce((sum, { actions }) => sum + actions.length, 0));
    const [first] = trajectories;
    const steps = first.actions.length;
    expect(pairs.observations.subarray(0, steps)).toEqual(first.observations.subarray(0, steps));
    expect(pairs.observations[steps]).toBe(trajectories[1].observations[0]);
  });

  it("are split by episode, so that no episode is in both parts", () => {
    const parts = splitEpisodes(demonstrations, 0.4, createRng(0));
    const training = pairsOf(parts.train.trajectories, demonstrations);
    const heldOut = pairsOf(parts.heldOut.trajectories, demonstrations);
    const lengths = demonstrations.trajectories.map(({ actions }) => actions.length);
    const isSum = (total: number, k: number): boolean =>
      k === 0 ? total === 0 : lengths.some((n) => total >= n && isSum(total - n, k - 1));
    expect(training.count + heldOut.count).toBe(lengths.reduce((a, b) => a + b));
    expect(isSum(heldOut.count, 2)).toBe(true);
  });
});

describe("the scaling of actions", () => {
  const actions = Float32Array.of(990, 3, 1, 7, 1010, 5, 1, 7, 5000, 9, 1, 7);
  const pairs = {
    count: 3,
    observations: new Float32Array(3),
    actions,
    weights: Float32Array.of(1.5, 1.5, 0),
  };

  it("is by bounds where an entry has both, and otherwise by the weighted mean and deviation", () => {
    const actionSpace = box([4], [-Infinity, 0, -Infinity, 0], [Infinity, 10, 2, Infinity]);
    // Equal actions have no deviation to divide by.
    expect(scalingOf(pairs, { actionSpace })).toEqual({ centre: [1000, 5, 1, 7], halfWidth: [10, 5, 1, 1] });
  });

  it("does not read the pairs where all entries have bounds, and is absent in other spaces", () => {
    expect(scalingOf(pairs, { actionSpace: box([4], 0, 4) })).toEqual({
      centre: [2, 2, 2, 2],
      halfWidth: [2, 2, 2, 2],
    });
    expect(scalingOf(pairs, { actionSpace: discrete(4) })).toBeUndefined();
  });
});
