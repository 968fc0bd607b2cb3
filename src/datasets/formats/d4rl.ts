/**
 * @file Reads the HDF5 data sets of D4RL [Fu et al. 2020] (github.com/Farama-Foundation/D4RL): flat arrays
 * `observations`, `actions`, `rewards`, `terminals` and usually `timeouts`, with concatenated episodes.
 *
 * Row t holds the observation before action t. The observation after the last action of an episode is only available in
 * files with `next_observations`. In other files it depends on the end:
 *
 * - terminated: nothing follows, so the last observation is repeated, and the episode has all its steps;
 * - not terminated: the last row provides the final observation, its action and reward are omitted, and the episode is
 *   neither terminated nor truncated. Such an episode of a single row is omitted.
 *
 * Rows after the last end form an incomplete episode.
 */

import type { Demonstrations } from "../demonstrations.js";
import {
  type ArrayTree,
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
import { requireAlike, requireConsecutive } from "./next-observations.js";

/** The arrays that every file has. */
export const D4RL_ARRAYS = ["observations", "actions", "rewards", "terminals"];
const OPTIONAL = ["next_observations", "timeouts"];

/** Names that mark ends of episodes in the files of other programs, such as d3rlpy's `episode_terminals`. */
const OTHER_ENDS =
  /(^|_)(dones?|ends?|terminals?|terminat(ed|ions?)|timeouts?|truncat(ed|ions?)|(is_)?(first|last))(_|$)/;

/** Whether the array at a path in the file is read. */
export const isD4rlPath = (path: string): boolean => {
  const [name] = path.split("/");
  return D4RL_ARRAYS.includes(name) || OPTIONAL.includes(name) || OTHER_ENDS.test(name);
};

/** @throws FormatError with the name of the array and the expected content. */
export function d4rlFromTree({ parts }: Group, options: ReadingOptions, refuse: Refuse): Demonstrations {
  const other = [...parts.keys()].find((name) => ![...D4RL_ARRAYS, ...OPTIONAL].includes(name));
  if (other) {
    refuse(
      other,
      "it marks ends of episodes besides terminals, as in files of d3rlpy, but D4RL's name for ends without a terminal is timeouts: write timeouts as 1 where it is 1 and terminals is 0, and leave it out",
    );
  }
  const rewards = column(parts.get("rewards"), "rewards", refuse);
  const rows = rewards.shape[0];
  const flags = (name: string) => flagColumn(parts.get(name), name, refuse, rows);
  const of = (name: string): ArrayTree => {
    const node = parts.get(name);
    const count = rowCount(node, name, refuse);
    if (count !== rows)
      refuse(name, `it has ${count} rows, but rewards has ${rows}: the numbers must be equal`);
    return node!;
  };
  const [observations, actions, terminals] = [of("observations"), of("actions"), flags("terminals")];
  const next = parts.has("next_observations") ? of("next_observations") : undefined;
  if (next) requireAlike(next, observations, "next_observations", refuse);
  const place = { place: "next_observations", refuse, ends: "terminals or timeouts" };
  const timeouts = parts.has("timeouts") ? flags("timeouts") : undefined;
  const { maxEpisodeSteps = Number.POSITIVE_INFINITY } = options;

  const episodes: RawEpisode[] = [];
  const omitted = { episodes: 0, steps: 0 };
  for (let from = 0, to = 0; from < rows; from = to) {
    const isTimeout = (t: number) => (timeouts ? timeouts[t] === 1 : t - from + 1 >= maxEpisodeSteps);
    while (to < rows && terminals[to] === 0 && !isTimeout(to)) to++;
    const isOver = to < rows;
    to = Math.min(to + 1, rows);
    const last = to - 1;
    const terminated = isOver && terminals[last] === 1;
    const isWhole = next !== undefined || terminated;
    const steps = isWhole ? to - from : last - from;
    if (!isWhole) omitted.steps++;
    if (steps === 0) {
      omitted.episodes++;
      continue;
    }
    if (next) requireConsecutive(next, observations, from, last, place);
    const seen = sliceRows(observations, from, to);
    episodes.push({
      place: `episode ${episodes.length} (rows ${from} to ${last})`,
      steps,
      observations: isWhole ? joinRows(seen, sliceRows(next ?? observations, last, to)) : seen,
      actions: sliceRows(actions, from, from + steps),
      rewards: sliceRows(rewards, from, from + steps) as NumberArray,
      terminated,
      truncated: next !== undefined && isOver && isTimeout(last),
    });
  }
  return demonstrationsFrom("D4RL", episodes, options, refuse, omitted);
}
