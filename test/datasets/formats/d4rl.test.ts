/** @file D4RL's flat arrays: where episodes end, what their last rows give, and what is refused. */

import { describe, expect, it } from "vitest";
import { type ArrayTree, numberArray, refuseIn } from "../../../src/datasets/formats/arrays.js";
import { d4rlFromTree } from "../../../src/datasets/formats/d4rl.js";
import type { ReadingOptions } from "../../../src/datasets/formats/index.js";
import { FormatError } from "../../../src/errors.js";
import { box, discrete } from "../../../src/spaces/index.js";

const options: ReadingOptions = {
  env: "Line-v0",
  observationSpace: box([1], Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
  actionSpace: discrete(2),
};
const rows = (...values: number[]) => numberArray(Float64Array.from(values), [values.length]);
const read = (arrays: Record<string, ArrayTree>, more: Partial<ReadingOptions> = {}) =>
  d4rlFromTree(
    { kind: "group", parts: new Map(Object.entries(arrays)) },
    { ...options, ...more },
    refuseIn("f.hdf5"),
  );

/** Episodes of 3, 1 and 2 rows, and a row that belongs to an episode without an end. */
const arrays = {
  observations: rows(0, 1, 2, 10, 20, 21, 30),
  actions: rows(0, 1, 0, 1, 0, 1, 0),
  rewards: rows(0, 0, 1, 1, 0, 5, 7),
  terminals: rows(0, 0, 1, 1, 0, 0, 0),
  timeouts: rows(0, 0, 0, 0, 0, 1, 0),
};
const summary = ({ trajectories }: ReturnType<typeof read>) =>
  trajectories.map(({ observations, actions, rewards, terminated, truncated }) => [
    Array.from(observations),
    Array.from(actions),
    Array.from(rewards),
    terminated,
    truncated,
  ]);

describe("D4RL's arrays", () => {
  it("keep the reward of a terminal step, after which the last observation is repeated", () => {
    const demonstrations = read(arrays);
    expect(summary(demonstrations)).toEqual([
      [[0, 1, 2, 2], [0, 1, 0], [0, 0, 1], true, false],
      [[10, 10], [1], [1], true, false],
      [[20, 21], [0], [0], false, false],
    ]);
    expect(demonstrations.provenance).toEqual({
      expertReturn: 2 / 3,
      format: "D4RL",
      omitted: { episodes: 1, steps: 2 },
    });
  });

  it("are whole with next observations", () => {
    const demonstrations = read({ ...arrays, next_observations: rows(1, 2, 3, 11, 21, 22, 31) });
    expect(summary(demonstrations)).toEqual([
      [[0, 1, 2, 3], [0, 1, 0], [0, 0, 1], true, false],
      [[10, 11], [1], [1], true, false],
      [[20, 21, 22], [0, 1], [0, 5], false, true],
      [[30, 31], [0], [7], false, false],
    ]);
    expect(demonstrations.provenance).not.toHaveProperty("omitted");
  });

  it("keep both flags of a step at which the episode terminates in its last allowed step", () => {
    const next_observations = rows(1, 2, 3, 11, 21, 22, 31);
    const { trajectories } = read({ ...arrays, timeouts: rows(0, 0, 1, 1, 0, 1, 0), next_observations });
    expect([trajectories[0].terminated, trajectories[0].truncated]).toEqual([true, true]);
  });

  it("are cut at the time limit where there are no timeouts", () => {
    const { timeouts, ...without } = arrays;
    const lengths = (more: Partial<ReadingOptions>) =>
      read(without, more).trajectories.map(({ rewards }) => rewards.length);
    expect(lengths({ maxEpisodeSteps: 2 })).toEqual([1, 1, 1, 1]);
    expect(lengths({})).toEqual([3, 1, 2]);
  });

  it.each<[string, Record<string, ArrayTree>, string]>([
    [
      "next observations that do not follow each other",
      { next_observations: rows(1, 5, 3, 11, 21, 22, 31) },
      "next_observations: row 1 differs from row 2 of observations",
    ],
    [
      "another mark of ends, as d3rlpy has it",
      { episode_terminals: arrays.timeouts },
      "episode_terminals: it marks ends of episodes besides terminals",
    ],
    ["a flag of 2", { terminals: rows(0, 0, 2, 0, 0, 0, 0) }, "terminals: row 2 is 2, but must be 0 or 1"],
    ["a flag of 0.5", { timeouts: rows(0, 0.5, 0, 0, 0, 0, 0) }, "timeouts: row 1 is 0.5"],
    [
      "text for observations",
      { observations: { kind: "unreadable", what: "text" } },
      "observations: it must be an array of numbers, not text",
    ],
  ])("are refused with %s", (_, change, message) => {
    expect(() => read({ ...arrays, ...change })).toThrow(FormatError);
    expect(() => read({ ...arrays, ...change })).toThrow(`f.hdf5: ${message}`);
  });
});
