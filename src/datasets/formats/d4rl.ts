/**
 * @file Reads the HDF5 data sets of D4RL [Fu et al. 2020] (github.com/Farama-Foundation/D4RL): flat arrays
 * `observations`, `actions`, `rewards`, `terminals` and usually `timeouts`, with concatenated episodes.
 *
 * Row t holds the observation before action t. The observation after the last action of an episode is only available in
 * files with `next_observations`. In other files, the last row provides the final observation, and its action and
 * reward are dropped: the episode then has one step less than rows, and is neither terminated nor truncated. An episode
 * of a single row is dropped. Rows after the last end form an incomplete episode.
 */

import type { Demonstrations } from "../demonstrations.js";
import {
  type ArrayTree,
  column,
  describeNode,
  type Group,
  type NumberArray,
  type Refuse,
  rowCount,
  sliceRows,
} from "./arrays.js";
import { demonstrationsFrom, type RawEpisode, type ReadingOptions } from "./episodes.js";

const ARRAYS = ["observations", "next_observations", "actions", "rewards", "terminals", "timeouts"];

/** Whether the array at a path in the file is read. */
export const isD4rlPath = (path: string): boolean => ARRAYS.includes(path.split("/")[0]);

/** @throws FormatError with the name of the array and the expected content. */
export function d4rlFromTree({ parts }: Group, options: ReadingOptions, refuse: Refuse): Demonstrations {
  const rewards = column(parts.get("rewards"), "rewards", refuse);
  const rows = rewards.shape[0];
  const flags = (name: string) => column(parts.get(name), name, refuse, rows).data;
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
  const timeouts = parts.has("timeouts") ? flags("timeouts") : undefined;
  const { maxEpisodeSteps = Number.POSITIVE_INFINITY } = options;

  const episodes: RawEpisode[] = [];
  for (let from = 0, to = 0; from < rows; from = to) {
    const ends = (t: number) =>
      terminals[t] !== 0 || (timeouts ? timeouts[t] !== 0 : t - from + 1 >= maxEpisodeSteps);
    while (to < rows && !ends(to)) to++;
    const hasEnd = to < rows;
    to = Math.min(to + 1, rows);
    const steps = next ? to - from : to - from - 1;
    if (steps < 1) continue;
    const terminated = next !== undefined && hasEnd && terminals[to - 1] !== 0;
    episodes.push({
      place: `episode ${episodes.length} (rows ${from} to ${to - 1})`,
      steps,
      observations: next
        ? withLast(sliceRows(observations, from, to), sliceRows(next, to - 1, to))
        : sliceRows(observations, from, to),
      actions: sliceRows(actions, from, from + steps),
      rewards: sliceRows(rewards, from, from + steps) as NumberArray,
      terminated,
      truncated: next !== undefined && hasEnd && !terminated,
    });
  }
  return demonstrationsFrom("D4RL", episodes, options, refuse);
}

/** @throws FormatError when next observations have another layout than observations. */
function requireAlike(next: ArrayTree | undefined, rows: ArrayTree, place: string, refuse: Refuse): void {
  if (rows.kind === "group" && next?.kind === "group") {
    for (const [name, part] of rows.parts)
      requireAlike(next.parts.get(name), part, `${place}/${name}`, refuse);
    return;
  }
  if (rows.kind === "array" && next?.kind === "array" && String(next.shape) === String(rows.shape)) return;
  const [found, wanted] = [describeNode(next), describeNode(rows)];
  refuse(place, `it is ${found}, but observations has ${wanted}: their layouts must be equal`);
}

/** `rows` with the row `last` appended. */
function withLast(rows: ArrayTree, last: ArrayTree): ArrayTree {
  if (rows.kind === "group" || last.kind === "group") {
    const [of, end] = [rows as Group, last as Group];
    return {
      kind: "group",
      parts: new Map([...of.parts].map(([name, part]) => [name, withLast(part, end.parts.get(name)!)])),
    };
  }
  const data = Float64Array.from([...rows.data, ...last.data]);
  return { kind: "array", data, shape: [rows.shape[0] + 1, ...rows.shape.slice(1)] };
}
