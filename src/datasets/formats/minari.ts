/**
 * @file Reads and writes the HDF5 data sets of Minari (github.com/Farama-Foundation/Minari,
 * `minari/dataset/_storages/hdf5_storage.py` and `minari/serialization.py`): one group `episode_N` per episode, with
 * T + 1 observations, T actions and rewards, `terminations` and `truncations`. Values of dict and tuple spaces are
 * groups.
 */

import { UsageError } from "../../errors.js";
import { type Space, spaceWidth } from "../../spaces/index.js";
import type { Folder } from "../../state/folder.js";
import { type Demonstrations, requireDemonstrations, requireWholeEpisodes } from "../demonstrations.js";
import { column, flagColumn, type Group, type Refuse } from "./arrays.js";
import { demonstrationsFrom, type RawEpisode, type ReadingOptions } from "./episodes.js";
import { type Writable, writeHdf5 } from "./hdf5.js";
import { pythonJson, serializeSpace } from "./minari-spaces.js";

/** The files of a data set: episodes and metadata. */
export const MINARI_DATA = "data/main_data.hdf5";
const MINARI_METADATA = "data/metadata.json";

/** The earliest version of Minari that reads this layout; later ones read it as well. */
const MINARI_VERSION = "0.5.0";

const EPISODE = /^episode_(0|[1-9]\d*)$/;

const PARTS = ["observations", "actions", "rewards", "terminations", "truncations"];

/** Whether the content at a path in the file is read, such as `episode_0` or `episode_0/actions`. */
export const isMinariPath = (path: string): boolean => {
  const [episode, part] = path.split("/");
  return EPISODE.test(episode) && (part === undefined || PARTS.includes(part));
};

/** @throws FormatError with the episode, the array in it and the expected content. */
export function minariFromTree(root: Group, options: ReadingOptions, refuse: Refuse): Demonstrations {
  const numbers = [...root.parts.keys()].map((name) => Number(name.match(EPISODE)![1]));
  const episodes = numbers
    .sort((a, b) => a - b)
    .map((number, i): RawEpisode => {
      const place = `episode_${number}`;
      if (number !== numbers[0] + i) {
        refuse(`episode_${numbers[0] + i}`, `it is missing, although ${place} is there: the file is damaged`);
      }
      const group = root.parts.get(place);
      if (group?.kind !== "group") return refuse(place, "it must be a group of arrays");
      const part = (name: string) => group.parts.get(name);
      const rewards = column(part("rewards"), `${place}/rewards`, refuse);
      const steps = rewards.shape[0];
      if (steps === 0) refuse(`${place}/rewards`, "it has no steps");
      const flag = (name: string): boolean => {
        const flags = flagColumn(part(name), `${place}/${name}`, refuse, steps);
        const early = Array.prototype.indexOf.call(flags, 1);
        if (early >= 0 && early < steps - 1) {
          refuse(`${place}/${name}`, `it is true at step ${early}, before the last of ${steps}`);
        }
        return flags[steps - 1] === 1;
      };
      return {
        place,
        steps,
        observations: part("observations"),
        actions: part("actions"),
        rewards,
        terminated: flag("terminations"),
        truncated: flag("truncations"),
      };
    });
  return demonstrationsFrom("Minari", episodes, options, refuse);
}

/**
 * Writes a Minari data set to a folder, for Minari 0.5. The id of the data set is the folder's path below Minari's root
 * (`~/.minari/datasets/cartpole/expert-v0`: `cartpole/expert-v0`), elsewhere its last two names. Episodes are written
 * whole: the format has no demonstrated steps, weights or experts. There is no `env_spec`: the environment is given to
 * Minari by the caller.
 *
 * @throws UsageError when the folder already contains a data set, for selective demonstrations, or for a name of a dict
 *   space that HDF5 does not have.
 */
export async function writeMinari(
  folder: Folder,
  demonstrations: Demonstrations,
  { id = datasetId(folder.path, demonstrations.env) } = {},
): Promise<void> {
  if (await folder.read(MINARI_METADATA)) {
    throw new UsageError(
      `${folder.path} already contains a Minari data set: remove it or choose another folder`,
    );
  }
  const bytes = await encodeMinari(demonstrations);
  const { env, observationSpace, actionSpace, provenance, trajectories } = demonstrations;
  const metadata = {
    dataset_id: id,
    minari_version: MINARI_VERSION,
    data_format: "hdf5",
    jpeg_encoding: false,
    total_episodes: trajectories.length,
    total_steps: trajectories.reduce((sum, { rewards }) => sum + rewards.length, 0),
    dataset_size: Math.round(bytes.length / 100_000) / 10,
    observation_space: pythonJson(serializeSpace(observationSpace)),
    action_space: pythonJson(serializeSpace(actionSpace)),
    description: `Demonstrations of ${env}, written by understudy-rl`,
    algorithm_name: String(provenance.policy ?? "unknown"),
  };
  await folder.write(MINARI_DATA, bytes);
  await folder.write(MINARI_METADATA, new TextEncoder().encode(`${JSON.stringify(metadata, null, 2)}\n`));
}

/** The id of a data set in a folder, in Minari's form: names with a version, such as `cartpole/expert-v0`. */
function datasetId(path: string, env: string): string {
  const [, below] = path.match(/\.minari\/datasets\/(.+?)\/*$/) ?? [];
  const id = below ?? path.split("/").filter(Boolean).slice(-2).join("/");
  return /^([-\w]+\/)*[-\w]+-v\d+$/.test(id) ? id : `${env.replaceAll(/[^-\w/]/g, "_")}/understudy-v0`;
}

/** Encodes the bytes of `main_data.hdf5`. @throws UsageError for selective or invalid demonstrations. */
export async function encodeMinari(demonstrations: Demonstrations): Promise<Uint8Array> {
  requireDemonstrations(demonstrations);
  const { observationSpace, actionSpace, trajectories } = demonstrations;
  requireWholeEpisodes(trajectories, "Minari");
  const episodes = trajectories.map((trajectory, i): [string, Writable] => {
    const { observations, actions, rewards, terminated, truncated } = trajectory;
    const steps = rewards.length;
    const flags = (ended: boolean) => ({
      data: Int8Array.from({ length: steps }, (_, t) => Number(ended && t === steps - 1)),
      shape: [steps],
    });
    return [
      `episode_${i}`,
      {
        attributes: { id: i, total_steps: steps },
        group: {
          observations: writable(observationSpace, observations, steps + 1),
          actions: writable(actionSpace, actions, steps),
          rewards: { data: rewards, shape: [steps] },
          terminations: flags(terminated),
          truncations: flags(truncated),
          infos: { group: {} },
        },
      },
    ];
  });
  return writeHdf5(Object.fromEntries(episodes));
}

/** The rows `[rows, width]` of a space in the form of Minari. */
function writable(
  space: Space,
  data: Float32Array | Int32Array,
  rows: number,
  width = spaceWidth(space),
  offset = 0,
): Writable {
  if (space.kind === "dict" || space.kind === "tuple") {
    let at = offset;
    const parts = Object.entries(space.spaces).map(([key, part]): [string, Writable] => {
      if (!isHdf5Name(key)) {
        throw new UsageError(
          `the part "${key}" of a dict space cannot be written as Minari's: names in HDF5 have no slash and are neither "" nor "."; use the format of understudy`,
        );
      }
      const written = writable(part, data, rows, width, at);
      at += spaceWidth(part);
      return [space.kind === "tuple" ? `_index_${key}` : key, written];
    });
    return { group: Object.fromEntries(parts) };
  }
  const own = spaceWidth(space);
  const values = Float32Array.from({ length: rows * own }, (_, i) => {
    const row = Math.floor(i / own);
    return data[row * width + offset + (i - row * own)];
  });
  const inner = space.kind === "box" ? space.shape : space.kind === "discrete" ? [] : [own];
  const shape = [rows, ...inner];
  if (space.kind === "box") return { data: values, shape };
  if (space.kind === "multi-binary") return { data: Int8Array.from(values), shape };
  return { data: BigInt64Array.from(values as unknown as number[], BigInt), shape };
}

const isHdf5Name = (name: string): boolean => !/[/\0]/.test(name) && name !== "" && name !== ".";
