/** @file LeRobot's columns of frames: boundaries of episodes, and refused files. */

import { describe, expect, it } from "vitest";
import { refuseIn } from "../../../src/datasets/formats/arrays.js";
import type { ReadingOptions } from "../../../src/datasets/formats/index.js";
import { lerobotFromColumns } from "../../../src/datasets/formats/lerobot.js";
import { FormatError } from "../../../src/errors.js";
import { box } from "../../../src/spaces/index.js";

const options: ReadingOptions = {
  env: "Line-v0",
  observationSpace: box([1], -9, 9),
  actionSpace: box([1], -9, 9),
};
const read = (columns: Record<string, unknown[]>) =>
  lerobotFromColumns(new Map(Object.entries(columns)), options, refuseIn("f.parquet"));
const frames = { "observation.state": [[1], [2], [3], [4]], action: [[1], [2], [3], [4]] };

describe("LeRobot's frames", () => {
  it("are split where the episode index changes, and each last frame provides only its observation", () => {
    const { trajectories } = read({ ...frames, episode_index: [7n, 7n, 8n, 8n] });
    expect(trajectories.map(({ observations }) => Array.from(observations))).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(trajectories.map(({ actions }) => Array.from(actions))).toEqual([[1], [3]]);
  });

  it("are one episode without an episode index", () => {
    const { trajectories } = read(frames);
    expect(trajectories.map(({ rewards }) => rewards.length)).toEqual([3]);
  });

  it("omit an episode of a single frame, and are refused if all episodes have a single frame", () => {
    const { trajectories } = read({ ...frames, episode_index: [0, 1, 1, 2] });
    expect(trajectories.map(({ observations }) => Array.from(observations))).toEqual([[2, 3]]);
    expect(() => read({ ...frames, episode_index: [0, 1, 2, 3] })).toThrow("it contains no whole episode");
  });

  it.each([Number.NaN, 0.5, Number.POSITIVE_INFINITY])("are refused if the episode index is %s", (odd) => {
    const columns = { ...frames, episode_index: [0, 0, odd, 1] };
    expect(() => read(columns)).toThrow(FormatError);
    expect(() => read(columns)).toThrow(`f.parquet: episode_index/2: it must be an integer, not ${odd}`);
  });
});
