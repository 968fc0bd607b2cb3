/** @file Labelled pairs of demonstrations. */

import { beforeAll, describe, expect, it } from "vitest";
import { valueIteration } from "../../../algorithms/index.js";
import { pairsOf } from "../../../algorithms/shared/labelled-pairs.js";
import { collect, type Demonstrations, train } from "../../../index.js";
import { splitEpisodes } from "../../../src/datasets/demonstrations.js";
import { createRng } from "../../../src/random/rng.js";

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
