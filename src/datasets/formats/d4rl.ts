/**
 * @file D4RL's HDF5 data sets (Fu et al. 2020, arXiv:2004.07219; github.com/Farama-Foundation/D4RL): flat arrays
 * `observations`, `actions`, `rewards`, `terminals` and, in most, `timeouts`, all episodes end to end.
 *
 * Row t holds the observation that action t was taken on. What the last action of an episode led to is there only
 * where the file has `next_observations` too. Where it does not, the last row gives the final observation, and its
 * action and reward are left out: such an episode has a step less than rows, and ends cut, neither terminated nor
 * truncated; one of a single row is left out. Rows after the last end are an episode that the recording cut.
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

/** Whether a path in the file is of an array that is read. */
export const isD4rlPath = (path: string): boolean => ARRAYS.includes(path.split("/")[0]);

/** @throws FormatError naming the array, and what would be right. */
export function d4rlFromTree({ parts }: Group, options: ReadingOptions, refuse: Refuse): Demonstrations {
  const rewards = column(parts.get("rewards"), "rewards", refuse);
  const rows = rewards.shape[0];
  const flags = (name: string) => column(parts.get(name), name, refuse, rows).data;
  const of = (name: string): ArrayTree => {
    const node = parts.get(name);
    const count = rowCount(node, name, refuse);
    if (count !== rows)
      refuse(name, `it has ${count} rows, and rewards has ${rows}: they must have the same`);
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

/** Refuses next observations that are laid out otherwise than the observations that they are to follow. */
function requireAlike(next: ArrayTree | undefined, rows: ArrayTree, place: string, refuse: Refuse): void {
  if (rows.kind === "group" && next?.kind === "group") {
    for (const [name, part] of rows.parts)
      requireAlike(next.parts.get(name), part, `${place}/${name}`, refuse);
    return;
  }
  if (rows.kind === "array" && next?.kind === "array" && String(next.shape) === String(rows.shape)) return;
  const [found, wanted] = [describeNode(next), describeNode(rows)];
  refuse(place, `it is ${found}, where observations has ${wanted}: they must be laid out alike`);
}

/** Rows with one more at their end. */
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
