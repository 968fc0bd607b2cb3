/**
 * @file Reads the HDF5 trajectories of ManiSkill 3 (maniskill.readthedocs.io, "Trajectory format"): a group `traj_N` per
 * episode, with T + 1 observations in `obs`, T `actions`, and for each step `terminated`, `truncated`, `success` and,
 * where they were recorded, `rewards`. The last step says how the episode ended; the JSON file beside it is not needed.
 */

import type { Demonstrations } from "../demonstrations.js";
import { column, flagColumn, type Group, type Refuse, rowCount } from "./arrays.js";
import { demonstrationsFrom, type RawEpisode, type ReadingOptions } from "./episodes.js";
import { askedKeys, isAsked, observationsOf } from "./observations.js";

const EPISODE = /^traj_(0|[1-9]\d*)$/;

const PARTS = ["obs", "actions", "rewards", "terminated", "truncated"];

/** Whether the content at a path in the file is read, such as `traj_0/obs`. */
export const isManiskillPath =
  (options: Pick<ReadingOptions, "observationColumn">) =>
  (path: string): boolean => {
    const [episode, part, ...keys] = path.split("/");
    return (
      EPISODE.test(episode) &&
      (part === undefined || (PARTS.includes(part) && isAsked(keys, askedKeys(options))))
    );
  };

/** @throws FormatError with the episode, the array in it and the expected content */
export function maniskillFromTree(root: Group, options: ReadingOptions, refuse: Refuse): Demonstrations {
  const numberOf = (name: string) => Number(name.match(EPISODE)![1]);
  const names = [...root.parts.keys()].sort((a, b) => numberOf(a) - numberOf(b));
  const episodes = names.map((place): RawEpisode => {
    const group = root.parts.get(place);
    if (group?.kind !== "group") return refuse(place, "it must be a group of arrays");
    const part = (name: string) => group.parts.get(name);
    const steps = rowCount(part("actions"), `${place}/actions`, refuse);
    if (steps === 0) refuse(`${place}/actions`, "it has no steps");
    const obs = part("obs");
    if (obs === undefined || (obs.kind === "group" && obs.parts.size === 0)) {
      refuse(
        place,
        "it was recorded without observations: ManiSkill's replay_trajectory with --obs-mode state adds them",
      );
    }
    const flag = (name: string) =>
      part(name) !== undefined && flagColumn(part(name), `${place}/${name}`, refuse, steps)[steps - 1] === 1;
    return {
      place,
      steps,
      observations: observationsOf(obs, options, `${place}/obs`, refuse),
      actions: part("actions"),
      rewards: part("rewards") && column(part("rewards"), `${place}/rewards`, refuse, steps),
      terminated: flag("terminated"),
      truncated: flag("truncated"),
    };
  });
  return demonstrationsFrom("ManiSkill", episodes, options, refuse);
}
