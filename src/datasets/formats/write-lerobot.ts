/**
 * @file Writes LeRobot data sets (github.com/huggingface/lerobot, format v3.0: `lerobot/datasets/dataset_writer.py`,
 * `dataset_metadata.py` and `compute_stats.py`): Parquet files with a row per frame, and in `meta/` the features, the
 * tasks, the episodes and the statistics.
 *
 * A frame is a step: an observation, the action that was taken, and what followed in `next.reward`, `next.done`
 * (terminated), `next.truncated` and `next.observation.…`, without which the last observation would be lost. LeRobot's
 * policies take their inputs from the names that start with `observation`, and ignore those.
 */

import { isDataId } from "../../env/data-set.js";
import { UsageError } from "../../errors.js";
import type { Folder } from "../../state/folder.js";
import { type Demonstrations, requireDemonstrations, requireWholeEpisodes } from "../demonstrations.js";
import { widthOf } from "../labelled.js";
import { countPairs } from "../transitions.js";
import { columnOf, type Feature, featuresOf, frameBytes } from "./lerobot-features.js";
import { nest, pythonJson, serializeSpace } from "./minari-spaces.js";
import { encodeParquet, type WrittenColumn } from "./write-parquet.js";

const INFO = "meta/info.json";
/** The environment and the spaces, in the form of Minari's metadata: LeRobot's have no bounds and no numbers of choices. */
export const LEROBOT_SPACES = "meta/spaces.json";

/** LeRobot's defaults: the files in a folder, and the size of each. */
const CHUNK = 1000;
const FILE_MEGABYTES = 100;

/**
 * Writes a LeRobot data set to a folder, for LeRobot 0.4 and later. The environment's id is its only task.
 *
 * @param fps frames per second, of which the time stamps are made
 * @param fileBytes the size of a file of frames before compression, which a longer episode exceeds
 * @throws UsageError when the folder already contains a data set, for selective demonstrations, or for spaces that the
 *   format does not have: tuples, dicts in dicts, and images.
 */
export async function writeLerobot(
  folder: Folder,
  demonstrations: Demonstrations,
  { fps, fileBytes = FILE_MEGABYTES * 2 ** 20 }: { fps: number; fileBytes?: number },
): Promise<void> {
  if (await folder.read(INFO)) {
    throw new UsageError(
      `${folder.path} already contains a LeRobot data set: remove it or choose another folder`,
    );
  }
  requireDemonstrations(demonstrations);
  const { env, observationSpace, actionSpace, trajectories } = demonstrations;
  requireWholeEpisodes(trajectories, "LeRobot");
  const features = featuresOf(demonstrations, fps);
  const lengths = trajectories.map(({ rewards }) => rewards.length);
  const frames = countPairs(trajectories);
  const text = (name: string, lines: string) => folder.write(name, new TextEncoder().encode(`${lines}\n`));

  const files = filesOf(lengths, Math.floor(fileBytes / frameBytes(features)));
  for (const [i, { from, to, lengths }] of files.entries()) {
    const columns = features.map((feature) => columnOf(feature, from, to));
    const bytes = await encodeParquet(columns, { rowGroups: lengths });
    await folder.write(`data/${placeOf(i)}.parquet`, bytes);
  }
  await folder.write(
    `meta/episodes/${placeOf(0)}.parquet`,
    await encodeParquet(episodesOf(files, features, env)),
  );
  await folder.write("meta/tasks.parquet", await encodeParquet(tasks(env), { metadata: { pandas: PANDAS } }));
  const all = features.map(({ name, ...feature }) => [name, statisticsOf(feature, 0, frames)]);
  await text("meta/stats.json", JSON.stringify(Object.fromEntries(all), null, 2));
  const spaces = {
    ...(!isDataId(env) && { env_spec: { id: env } }),
    observation_space: serializeSpace(observationSpace),
    action_space: serializeSpace(actionSpace),
  };
  await text(LEROBOT_SPACES, pythonJson(spaces));
  const info = {
    codebase_version: "v3.0",
    robot_type: env,
    total_episodes: lengths.length,
    total_frames: frames,
    total_tasks: 1,
    chunks_size: CHUNK,
    data_files_size_in_mb: FILE_MEGABYTES,
    video_files_size_in_mb: 200,
    fps,
    splits: { train: `0:${lengths.length}` },
    data_path: "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
    video_path: null,
    features: Object.fromEntries(
      features.map(({ name, dtype, shape }) => [name, { dtype, shape, names: null }]),
    ),
  };
  await text("README.md", CARD);
  await text(INFO, JSON.stringify(info, null, 2));
}

/** The frames `from` to `to − 1` of whole episodes. */
interface DataFile {
  from: number;
  to: number;
  lengths: number[];
}

/** The episodes in files of at most so many frames, or of one episode. */
function filesOf(lengths: readonly number[], most: number): DataFile[] {
  const files: DataFile[] = [];
  let at = 0;
  for (const length of lengths) {
    const last = files.at(-1);
    if (last && at + length - last.from <= most) {
      last.to += length;
      last.lengths.push(length);
    } else files.push({ from: at, to: at + length, lengths: [length] });
    at += length;
  }
  return files;
}

/** Where a file of data or of episodes is in its folder. */
const placeOf = (file: number): string => {
  const [chunk, inChunk] = [Math.floor(file / CHUNK), file % CHUNK].map((i) => String(i).padStart(3, "0"));
  return `chunk-${chunk}/file-${inChunk}`;
};

const QUANTILES = { q01: 0.01, q10: 0.1, q50: 0.5, q90: 0.9, q99: 0.99 };

type Statistics = Record<string, unknown>;

/** The statistics of each entry, in the shape of a value, over the frames `from` to `to − 1`. */
function statisticsOf({ data, shape }: Omit<Feature, "name">, from: number, to: number): Statistics {
  const width = widthOf(shape);
  const entries = Array.from({ length: width }, (_, entry) =>
    Float64Array.from({ length: to - from }, (_, i) => data[(from + i) * width + entry]).sort(),
  );
  const each = (of: (sorted: Float64Array) => number) => nest(entries.map(of), shape);
  const mean = (values: Float64Array) => values.reduce((sum, x) => sum + x, 0) / values.length;
  const std = (values: Float64Array) => {
    const centre = mean(values);
    return Math.sqrt(mean(values.map((x) => (x - centre) ** 2)));
  };
  // With linear interpolation between order statistics, as numpy's.
  const quantile = (sorted: Float64Array, q: number) => {
    const at = q * (sorted.length - 1);
    const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
    return below + (at % 1) * (above - below);
  };
  return {
    min: each((sorted) => sorted[0]),
    max: each((sorted) => sorted[sorted.length - 1]),
    mean: each(mean),
    std: each(std),
    count: [to - from],
    ...Object.fromEntries(
      Object.entries(QUANTILES).map(([name, q]) => [name, each((sorted) => quantile(sorted, q))]),
    ),
  };
}

/** The rows of `meta/episodes`. */
function episodesOf(files: readonly DataFile[], features: readonly Feature[], env: string): WrittenColumn[] {
  const rows = files.flatMap(({ from, lengths }, file) => {
    let to = from;
    return lengths.map((length) => {
      to += length;
      return { file, length, from: to - length, to };
    });
  });
  type Row = (typeof rows)[number];
  const integer = (name: string, value: (row: Row, episode: number) => number): WrittenColumn => ({
    name,
    type: "INT64",
    lists: 0,
    values: rows.map((row, episode) => BigInt(value(row, episode))),
  });
  const statistics = features.flatMap((feature): WrittenColumn[] => {
    const found = rows.map(({ from, to }) => statisticsOf(feature, from, to));
    return Object.keys(found[0]).map((name) => ({
      name: `stats/${feature.name}/${name}`,
      type: name === "count" ? "INT64" : "DOUBLE",
      lists: name === "count" ? 1 : feature.shape.length,
      values: found.map((of) => (name === "count" ? (of.count as number[]).map(BigInt) : of[name])),
    }));
  });
  return [
    integer("episode_index", (_, episode) => episode),
    { name: "tasks", type: "STRING", lists: 1, values: rows.map(() => [env]) },
    integer("length", ({ length }) => length),
    integer("data/chunk_index", ({ file }) => Math.floor(file / CHUNK)),
    integer("data/file_index", ({ file }) => file % CHUNK),
    integer("dataset_from_index", ({ from }) => from),
    integer("dataset_to_index", ({ to }) => to),
    integer("meta/episodes/chunk_index", () => 0),
    integer("meta/episodes/file_index", () => 0),
    ...statistics,
  ];
}

const tasks = (env: string): WrittenColumn[] => [
  { name: "task_index", type: "INT64", lists: 0, values: [0n] },
  { name: "task", type: "STRING", lists: 0, values: [env] },
];

/** The metadata with which pandas takes the column `task` for the index, as LeRobot reads it. */
const PANDAS = JSON.stringify({
  index_columns: ["task"],
  column_indexes: [],
  columns: [
    {
      name: "task_index",
      field_name: "task_index",
      pandas_type: "int64",
      numpy_type: "int64",
      metadata: null,
    },
    { name: "task", field_name: "task", pandas_type: "unicode", numpy_type: "object", metadata: null },
  ],
  pandas_version: "2.0.0",
});

/** The card, by which Hugging Face's `datasets` finds the frames. */
const CARD = `---
tags:
- LeRobot
task_categories:
- robotics
configs:
- config_name: default
  data_files: data/*/*.parquet
---

Demonstrations, written by understudy-rl as a [LeRobot](https://github.com/huggingface/lerobot) data set.`;
