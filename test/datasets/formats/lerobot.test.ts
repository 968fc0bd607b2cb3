/** @file LeRobot's columns of frames: boundaries of episodes, and refused files. */

import { describe, expect, it } from "vitest";
import { refuseIn } from "../../../src/datasets/formats/arrays.js";
import type { ReadingOptions } from "../../../src/datasets/formats/index.js";
import { lerobotColumns, lerobotFromShards } from "../../../src/datasets/formats/lerobot.js";
import { FormatError } from "../../../src/errors.js";
import { box } from "../../../src/spaces/index.js";

const options: ReadingOptions = {
  env: "Line-v0",
  observationSpace: box([1], -9, 9),
  actionSpace: box([1], -9, 9),
};
const readAll = (...files: Record<string, unknown[]>[]) =>
  lerobotFromShards(
    files.map((columns, i) => ({
      columns: new Map(Object.entries(columns).map(([name, values]) => [name, { values, types: new Map() }])),
      refuse: refuseIn(`${i}.parquet`),
    })),
    options,
  );
const read = (columns: Record<string, unknown[]>) => readAll(columns);
const observed = ({ trajectories }: ReturnType<typeof read>) =>
  trajectories.map(({ observations }) => Array.from(observations));

/** Frames of which each observation is ten times its episode plus its frame. */
const frameRows = (...places: [episode: number, frame: number][]) => ({
  "observation.state": places.map(([episode, frame]) => [10 * episode + frame]),
  action: places.map(([, frame]) => [frame]),
  "next.reward": places.map(([, frame]) => frame),
  episode_index: places.map(([episode]) => BigInt(episode)),
  frame_index: places.map(([, frame]) => BigInt(frame)),
});
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

  it("are ordered by episode and frame, wherever they are in one file or several", () => {
    const expected = [
      [0, 1, 2],
      [10, 11],
    ];
    expect(observed(read(frameRows([1, 1], [0, 2], [0, 0], [1, 0], [0, 1])))).toEqual(expected);
    const split = readAll(frameRows([1, 1], [0, 2]), frameRows(), frameRows([0, 0], [1, 0], [0, 1]));
    expect(observed(split)).toEqual(expected);
    const [first] = split.trajectories;
    expect([Array.from(first.actions), Array.from(first.rewards)]).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(split.provenance.omitted).toEqual({ episodes: 0, steps: 2 });
  });

  it("are ordered by index where there is no frame_index", () => {
    const { frame_index, ...rows } = frameRows([0, 2], [0, 0], [0, 1]);
    expect(observed(read({ ...rows, index: [7n, 5n, 6n] }))).toEqual([[0, 1, 2]]);
    const columns = ["observation.state", "action", "index"];
    expect(lerobotColumns(columns, options, refuseIn("f"))).toContain("index");
    expect(lerobotColumns([...columns, "frame_index"], options, refuseIn("f"))).not.toContain("index");
  });

  it("are an episode per file without an index of episodes", () => {
    const { episode_index, frame_index, ...rows } = frameRows([0, 0], [0, 1]);
    expect(observed(readAll(rows, rows))).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  describe("with the next observations", () => {
    const whole = (places: [number, number][], ends: Record<string, unknown[]> = {}) => {
      const rows = frameRows(...places);
      const next = rows["observation.state"].map(([x]) => [x + 1]);
      return { ...rows, "next.observation.state": next, ...ends };
    };
    const places: [number, number][] = [
      [0, 0],
      [0, 1],
      [1, 0],
    ];

    it("have a step each, and end as the flags say", () => {
      const ends = { "next.done": [false, true, false], "next.truncated": [false, false, true] };
      const read = readAll(whole(places, ends));
      expect(observed(read)).toEqual([
        [0, 1, 2],
        [10, 11],
      ]);
      expect(read.trajectories.map(({ terminated, truncated }) => [terminated, truncated])).toEqual([
        [true, false],
        [false, true],
      ]);
      expect(read.trajectories.map(({ rewards }) => rewards.length)).toEqual([2, 1]);
      expect(read.provenance.omitted).toBeUndefined();
    });

    it("are read with them where both columns are there", () => {
      const columns = ["observation.state", "next.observation.state", "action", "next.done"];
      const names = lerobotColumns(columns, options, refuseIn("f"));
      expect(names).toEqual(expect.arrayContaining(["next.observation.state", "next.done"]));
      const without = columns.filter((name) => name !== "next.observation.state");
      expect(lerobotColumns(without, options, refuseIn("f"))).not.toContain("next.done");
    });

    it("are refused where one is not that of the next frame, or an episode goes on after its end", () => {
      const odd = { ...whole(places), "next.observation.state": [[1], [2], [3]] };
      odd["next.observation.state"][0] = [5];
      expect(() => read(odd)).toThrow(
        "0.parquet: episode 0/next.observation: row 0 differs from row 1 of observations",
      );
      const early = whole(places, { "next.done": [true, true, false] });
      expect(() => read(early)).toThrow(
        "0.parquet: episode 0/next.done: it is true at frame 0, before the last of 2",
      );
      const wide = {
        ...whole(places),
        "next.observation.state": [
          [1, 1],
          [2, 2],
          [3, 3],
        ],
      };
      expect(() => read(wide)).toThrow("it is [2, 2], but observations has [2, 1]");
    });
  });

  const { frame_index, ...unordered } = frameRows([0, 0], [1, 0], [0, 1]);
  const wide = { ...frameRows([1, 0]), action: [[1, 2]] };
  const { "next.reward": rewards, ...unrewarded } = frameRows([1, 0]);
  it.each<[string, Record<string, unknown[]>[], string]>([
    [
      "a frame is repeated in another file",
      [frameRows([0, 0], [0, 1]), frameRows([0, 0], [0, 1])],
      "1.parquet: episode 0: it has two frames 0: it was recorded twice",
    ],
    [
      "a frame is missing",
      [frameRows([3, 0], [3, 1], [3, 4])],
      "0.parquet: episode 3: frame 4 follows frame 1: those between them are missing",
    ],
    [
      "the first frames are missing",
      [frameRows([3, 2], [3, 3])],
      "0.parquet: episode 3: its first frame is 2: those before it are missing, or in another file",
    ],
    ["their order is unknown", [unordered], "0.parquet: episode 0: its frames are not together, and without"],
    [
      "files have different shapes",
      [frameRows([0, 0]), wide],
      "1.parquet: actions: a frame of this file is [1, 2], but in the files before it [1, 1]",
    ],
    [
      "a file lacks the rewards",
      [frameRows([0, 0]), unrewarded],
      "1.parquet: rewards: a frame of this file is nothing, but in the files before it [1]",
    ],
    [
      "an observation is beyond float32",
      [{ ...frameRows([2, 0], [2, 1]), "observation.state": [[1e39], [0]] }],
      "0.parquet: episode 2/observations: row 0 is 1e+39, which is beyond the range of float32",
    ],
  ])("are refused where %s", (_, files, message) => {
    expect(() => readAll(...files)).toThrow(FormatError);
    expect(() => readAll(...files)).toThrow(message);
  });

  it.each([Number.NaN, 0.5, Number.POSITIVE_INFINITY])("are refused if the episode index is %s", (odd) => {
    const columns = { ...frames, episode_index: [0, 0, odd, 1] };
    expect(() => read(columns)).toThrow(FormatError);
    expect(() => read(columns)).toThrow(`0.parquet: episode_index/2: it must be an integer, not ${odd}`);
  });
});
