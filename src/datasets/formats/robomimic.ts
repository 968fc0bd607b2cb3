/**
 * @file Reads the HDF5 data sets of robomimic (robomimic.github.io/docs/datasets/overview.html), as MimicGen and
 * robosuite have them too: a group `data/demo_N` per episode, with N rows of `obs`, `actions`, `rewards` and `dones`.
 * The observation after the last action is the last row of `next_obs`. Without it, it depends on the end, as in D4RL's
 * files. Filter keys (`mask`) select nothing here.
 */

import type { Demonstrations } from "../demonstrations.js";
import {
  column,
  flagColumn,
  type Group,
  joinRows,
  type NumberArray,
  type Refuse,
  rowCount,
  sliceRows,
} from "./arrays.js";
import { demonstrationsFrom, type RawEpisode, type ReadingOptions } from "./episodes.js";
import { askedKeys, isAsked, observationsOf } from "./observations.js";

export const ROBOMIMIC_EPISODE = /^demo_(0|[1-9]\d*)$/;

const PARTS = ["obs", "next_obs", "actions", "rewards", "dones"];

/** Whether the content at a path in the file is read, such as `data/demo_0/obs`. */
export const isRobomimicPath =
  (options: Pick<ReadingOptions, "observationColumn">) =>
  (path: string): boolean => {
    const [data, episode, part, ...keys] = path.split("/");
    if (data !== "data" || (episode !== undefined && !ROBOMIMIC_EPISODE.test(episode))) return false;
    return part === undefined || (PARTS.includes(part) && isAsked(keys, askedKeys(options)));
  };

/** @throws FormatError with the episode, the array in it and the expected content */
export function robomimicFromTree(root: Group, options: ReadingOptions, refuse: Refuse): Demonstrations {
  const data = root.parts.get("data") as Group;
  const numberOf = (name: string) => Number(name.match(ROBOMIMIC_EPISODE)![1]);
  const names = [...data.parts.keys()].sort((a, b) => numberOf(a) - numberOf(b));
  const omitted = { episodes: 0, steps: 0 };
  const episodes: RawEpisode[] = [];
  for (const name of names) {
    const place = `data/${name}`;
    const group = data.parts.get(name);
    if (group?.kind !== "group") return refuse(place, "it must be a group of arrays");
    const part = (key: string) => group.parts.get(key);
    const rows = rowCount(part("actions"), `${place}/actions`, refuse);
    if (rows === 0) refuse(`${place}/actions`, "it has no steps");
    if (!part("obs")) {
      refuse(
        place,
        "it has no obs: robomimic's dataset_states_to_obs.py adds observations to recorded states",
      );
    }
    const observed = (key: "obs" | "next_obs") => {
      const found = observationsOf(part(key), options, `${place}/${key}`, refuse);
      const count = rowCount(found, `${place}/${key}`, refuse);
      if (count !== rows) refuse(`${place}/${key}`, `it has ${count} rows, but actions has ${rows}`);
      return found!;
    };
    const observations = observed("obs");
    const next = part("next_obs") && observed("next_obs");
    const terminated = part("dones")
      ? flagColumn(part("dones"), `${place}/dones`, refuse, rows)[rows - 1] === 1
      : false;
    const isWhole = next !== undefined || terminated;
    const steps = isWhole ? rows : rows - 1;
    if (!isWhole) omitted.steps++;
    if (steps === 0) {
      omitted.episodes++;
      continue;
    }
    const rewards = part("rewards") && column(part("rewards"), `${place}/rewards`, refuse, rows);
    episodes.push({
      place,
      steps,
      observations: isWhole
        ? joinRows(observations, sliceRows(next ?? observations, rows - 1, rows))
        : observations,
      actions: sliceRows(part("actions")!, 0, steps),
      rewards: rewards && (sliceRows(rewards, 0, steps) as NumberArray),
      terminated: isWhole && terminated,
      truncated: false,
    });
  }
  return demonstrationsFrom("robomimic", episodes, options, refuse, omitted);
}
