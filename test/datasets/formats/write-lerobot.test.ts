/** @file LeRobot data sets that are written: read again, their metadata, and what the format does not have. */

import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { beforeAll, describe, expect, it } from "vitest";
import { subsample, weighted } from "../../../src/datasets/demonstration-tools.js";
import type { Demonstrations } from "../../../src/datasets/demonstrations.js";
import { decodeDemonstrations, decodeTables, writeLerobot } from "../../../src/datasets/formats/index.js";
import { UsageError } from "../../../src/errors.js";
import { createRng } from "../../../src/random/rng.js";
import { box, discrete, type Space } from "../../../src/spaces/index.js";
import { randomDemonstrations } from "../../support/demonstrations.js";
import { memoryFolder } from "../../support/memory-folder.js";

const endless = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;
const DATA = "data/chunk-000/file-000.parquet";
const EPISODES = "meta/episodes/chunk-000/file-000.parquet";

async function written(
  demonstrations: Demonstrations,
  options: { fps: number; fileBytes?: number } = { fps: 20 },
) {
  const folder = memoryFolder();
  await writeLerobot(folder, demonstrations, options);
  const bytes = (name: string) => folder.files.get(name)!;
  const buffer = (name: string) => bytes(name).slice().buffer;
  return {
    folder,
    bytes,
    json: (name: string) => JSON.parse(new TextDecoder().decode(bytes(name))),
    rows: (name: string) => parquetReadObjects({ file: buffer(name) }),
    footer: (name: string) => parquetMetadata(buffer(name)),
  };
}

describe("a LeRobot data set", () => {
  const spaces: [string, Space, Space][] = [
    ["matrices", box([2, 2], ...endless), box([2], [-1, -0.1], [0.1, Number.POSITIVE_INFINITY])],
    ["single numbers", box([1], ...endless), box([], -1, 1)],
    ["integers", discrete(7), { kind: "multi-discrete", sizes: [2, 5] }],
    [
      "dicts",
      {
        kind: "dict",
        spaces: { state: box([2], ...endless), place: discrete(3), on: { kind: "multi-binary", n: 3 } },
      },
      discrete(2),
    ],
  ];
  it.each(spaces)("is read as it was written: %s", async (_, observationSpace, actionSpace) => {
    const demonstrations = randomDemonstrations({ episodes: 12, observationSpace, actionSpace });
    const { bytes } = await written(demonstrations);
    const read = await decodeDemonstrations(bytes(DATA), DATA, {
      env: "Random-v0",
      observationSpace,
      actionSpace,
      provenance: demonstrations.provenance,
    });
    expect(read.trajectories).toStrictEqual(demonstrations.trajectories);
    expect(read.provenance).toEqual({ ...demonstrations.provenance, format: "LeRobot" });
  });

  describe("of three episodes", () => {
    const demonstrations = randomDemonstrations({ episodes: 3, observationSpace: box([2], -1, 1) });
    const lengths = demonstrations.trajectories.map(({ rewards }) => rewards.length);
    const frames = lengths.reduce((sum, length) => sum + length, 0);
    let set: Awaited<ReturnType<typeof written>>;
    beforeAll(async () => {
      set = await written(demonstrations);
    });

    it("declares its columns and counts", () => {
      const info = set.json("meta/info.json");
      expect(info).toMatchObject({
        codebase_version: "v3.0",
        robot_type: "Random-v0",
        fps: 20,
        total_episodes: 3,
        total_frames: frames,
        total_tasks: 1,
        splits: { train: "0:3" },
        data_path: "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
      });
      const { num_rows, row_groups } = set.footer(DATA);
      expect(Number(num_rows)).toBe(frames);
      expect(row_groups.map((group) => Number(group.num_rows))).toEqual(lengths);
      const vector = { dtype: "float32", shape: [2], names: null };
      const number = (dtype: string) => ({ dtype, shape: [1], names: null });
      expect(info.features).toEqual({
        "observation.state": vector,
        "next.observation.state": vector,
        action: number("int64"),
        "next.reward": number("float64"),
        "next.done": number("bool"),
        "next.truncated": number("bool"),
        timestamp: number("float32"),
        frame_index: number("int64"),
        episode_index: number("int64"),
        index: number("int64"),
        task_index: number("int64"),
      });
    });

    it("counts frames, and marks the ends of episodes", async () => {
      const rows = await set.rows(DATA);
      expect(Object.keys(rows[0])).toEqual(Object.keys(set.json("meta/info.json").features));
      expect(rows.map(({ index }) => Number(index))).toEqual(rows.map((_, i) => i));
      const ends = rows.filter((row) => row["next.done"] || row["next.truncated"]);
      expect(ends.map(({ frame_index }) => Number(frame_index))).toEqual(lengths.map((length) => length - 1));
      expect(ends.map((row) => row["next.done"])).toEqual(
        demonstrations.trajectories.map(({ terminated }) => terminated),
      );
      for (const { timestamp, frame_index } of rows) {
        expect(timestamp).toBe(Math.fround(Number(frame_index) / 20));
      }
    });

    it("says where each episode is, with its statistics and those of all", async () => {
      const [rows, episodes] = [await set.rows(DATA), await set.rows(EPISODES)];
      const all = set.json("meta/stats.json");
      expect(Object.keys(all)).toEqual(Object.keys(rows[0]));
      let from = 0;
      for (const [i, episode] of episodes.entries()) {
        const to = from + lengths[i];
        expect(episode).toMatchObject({
          episode_index: BigInt(i),
          tasks: ["Random-v0"],
          length: BigInt(lengths[i]),
          dataset_from_index: BigInt(from),
          dataset_to_index: BigInt(to),
          "data/chunk_index": 0n,
          "data/file_index": 0n,
          "stats/next.reward/count": [BigInt(lengths[i])],
        });
        checkStatistics(rows.slice(from, to), (name) => episode[`stats/observation.state/${name}`]);
        from = to;
      }
      checkStatistics(rows, (name) => all["observation.state"][name]);
      expect(all["observation.state"].count).toEqual([frames]);
    });

    /** Statistics of the second entry of the observation, against their definitions. */
    function checkStatistics(rows: Record<string, unknown>[], found: (name: string) => number[]) {
      const values = rows.map((row) => (row["observation.state"] as number[])[1]).sort((a, b) => a - b);
      const centre = values.reduce((sum, x) => sum + x, 0) / values.length;
      const variance = values.reduce((sum, x) => sum + (x - centre) ** 2, 0) / values.length;
      expect(found("min")[1]).toBe(values[0]);
      expect(found("max")[1]).toBe(values.at(-1));
      expect(found("mean")[1]).toBeCloseTo(centre, 12);
      expect(found("std")[1]).toBeCloseTo(Math.sqrt(variance), 12);
      const middle = (values.length - 1) / 2;
      expect(found("q50")[1]).toBeCloseTo((values[Math.floor(middle)] + values[Math.ceil(middle)]) / 2, 12);
      expect(found("q01")[1]).toBeLessThanOrEqual(found("q10")[1]);
      expect(found("q90")[1]).toBeLessThanOrEqual(found("q99")[1]);
    }

    it("has a task, which pandas takes for the index", async () => {
      expect(await set.rows("meta/tasks.parquet")).toEqual([{ task_index: 0n, task: "Random-v0" }]);
      const { key_value_metadata } = set.footer("meta/tasks.parquet");
      const { value } = key_value_metadata!.find(({ key }) => key === "pandas")!;
      expect(JSON.parse(value!).index_columns).toEqual(["task"]);
    });

    it("is not written over", async () => {
      await expect(writeLerobot(set.folder, demonstrations, { fps: 20 })).rejects.toThrow(
        "memory already contains a LeRobot data set",
      );
    });
  });

  it("is cut into files between episodes, in order", async () => {
    const demonstrations = randomDemonstrations({ episodes: 9 });
    const lengths = demonstrations.trajectories.map(({ rewards }) => rewards.length);
    // Twice three float32 of the observation, a float32, two float64 or int64 more for each, and two flags.
    const frame = 2 * 12 + 4 + 6 * 8 + 2;
    const { rows, folder, bytes } = await written(demonstrations, { fps: 20, fileBytes: 10.5 * frame });
    const files = [...folder.files.keys()].filter((name) => name.startsWith("data/"));
    const parts = await Promise.all(files.map(rows));
    expect(parts.flat().map(({ index }) => Number(index))).toEqual(parts.flat().map((_, i) => i));
    const episodes = await rows(EPISODES);
    for (const [i, part] of parts.entries()) {
      const inside = episodes.filter((row) => row["data/file_index"] === BigInt(i));
      expect(part.length).toBe(inside.reduce((sum, { length }) => sum + Number(length), 0));
      expect(part.length).toBeLessThanOrEqual(10);
      const next = episodes.find((row) => row["data/file_index"] === BigInt(i + 1));
      if (next) expect(part.length + Number(next.length)).toBeGreaterThan(10);
    }
    expect(lengths.some((length) => length < 9) && files.length > 2).toBe(true);
    const sources = files.map((name) => ({ bytes: bytes(name), source: name }));
    const { env, observationSpace, actionSpace } = demonstrations;
    const read = await decodeTables(sources, { env, observationSpace, actionSpace });
    expect(read.trajectories).toStrictEqual(demonstrations.trajectories);
  });

  const image = box([8, 8, 3], 0, 255);
  it.each<[string, Space, string]>([
    [
      "an image",
      image,
      "observation.state is an image (LeRobot has these as PNG or video), which is not written",
    ],
    ["an image in a dict", { kind: "dict", spaces: { eye: image } }, "observation.eye is an image"],
    [
      "a tuple",
      { kind: "tuple", spaces: [discrete(2)] },
      "observation.state is a tuple with parts of its own",
    ],
    [
      "a dict in a dict",
      { kind: "dict", spaces: { robot: { kind: "dict", spaces: { arm: discrete(2) } } } },
      "observation.robot is a dict with parts of its own",
    ],
    ["a slash", { kind: "dict", spaces: { "a/b": discrete(2) } }, 'the part "a/b" of a dict space cannot be'],
  ])("is not written of %s", async (_, observationSpace, message) => {
    const { files, ...folder } = memoryFolder();
    const writing = writeLerobot(folder, randomDemonstrations({ observationSpace }), { fps: 20 });
    await expect(writing).rejects.toThrow(UsageError);
    await expect(writing).rejects.toThrow(message);
    expect(files.size).toBe(0);
  });

  it("does not support subsampling or weights", async () => {
    const demonstrations = randomDemonstrations();
    const few = subsample(demonstrations, { every: 2, rng: createRng(0) });
    await expect(written(few)).rejects.toThrow("which LeRobot's format does not support");
    await expect(written(weighted(demonstrations, [1, 1, 1, 2, 1]))).rejects.toThrow(
      "episode 3 is subsampled or weighted",
    );
  });
});
