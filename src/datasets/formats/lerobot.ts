/**
 * @file Reads the episodes of a LeRobot data set (github.com/huggingface/lerobot, formats v2 and v3): Parquet files
 * with one row per frame: the observation, the action, and its results in `next.reward` and `next.done`.
 *
 * The observation after the last action is not recorded. The last frame therefore provides the final observation, and
 * its action is dropped: an episode of N frames has N − 1 steps and is neither terminated nor truncated. An episode of
 * one frame is dropped. Without `episode_index`, all frames are one episode.
 */

import type { Demonstrations } from "../demonstrations.js";
import { type ArrayTree, column, type NumberArray, type Refuse, sliceRows } from "./arrays.js";
import { demonstrationsFrom, type RawEpisode, type ReadingOptions } from "./episodes.js";
import { nestedArray } from "./parquet.js";

/** The columns to read, from the columns of the file. */
export function lerobotColumns(
  columns: readonly string[],
  { observationSpace, observationColumn }: ReadingOptions,
  refuse: Refuse,
): string[] {
  const observations = observationsIn(columns, observationColumn, observationSpace.kind === "dict");
  if (observations.length === 0 || observations.some((name) => !columns.includes(name))) {
    refuse(
      "",
      `it has no column "${observationColumn ?? "observation.state"}" of observations, only ${columns.join(", ")}`,
    );
  }
  if (!columns.includes("action")) refuse("", `it has no column "action", only ${columns.join(", ")}`);
  return [...observations, "action", ...["episode_index", "next.reward"].filter((n) => columns.includes(n))];
}

function observationsIn(columns: readonly string[], asked: string | undefined, isDict: boolean): string[] {
  if (asked !== undefined) return [asked];
  if (isDict) return columns.filter((name) => name.startsWith("observation."));
  return ["observation.state", "observation"].filter((name) => columns.includes(name)).slice(0, 1);
}

/**
 * The episodes in columns of ordered frames.
 *
 * @throws FormatError with the episode and the expected content.
 */
export function lerobotFromColumns(
  columns: ReadonlyMap<string, ArrayLike<unknown>>,
  options: ReadingOptions,
  refuse: Refuse,
): Demonstrations {
  const names = [...columns.keys()];
  const observations = names.filter(
    (name) => name.startsWith("observation") || name === options.observationColumn,
  );
  const array = (name: string) => nestedArray(columns.get(name), name, refuse);
  const rows = columns.get("action")?.length ?? 0;
  if (rows === 0) refuse("", "it contains no frame");
  const isDict = options.observationSpace.kind === "dict";
  const seen: ArrayTree = isDict
    ? {
        kind: "group",
        parts: new Map(observations.map((name) => [name.replace(/^observation\./, ""), array(name)])),
      }
    : array(observations[0]);
  const actions = array("action");
  const rewards = names.includes("next.reward")
    ? column(array("next.reward"), "next.reward", refuse, rows)
    : undefined;
  const index = names.includes("episode_index")
    ? episodeIndices(column(array("episode_index"), "episode_index", refuse, rows), refuse)
    : new Int32Array(rows);

  const episodes: RawEpisode[] = [];
  for (let from = 0, to = 0; from < rows; from = to) {
    while (to < rows && index[to] === index[from]) to++;
    const steps = to - from - 1;
    if (steps < 1) continue;
    episodes.push({
      place: `episode ${index[from]}`,
      steps,
      observations: sliceRows(seen, from, to),
      actions: sliceRows(actions, from, to - 1),
      rewards: rewards && (sliceRows(rewards, from, to - 1) as NumberArray),
      terminated: false,
      truncated: false,
    });
  }
  return demonstrationsFrom("LeRobot", episodes, options, refuse);
}

/** The episode of each frame. */
function episodeIndices({ data }: NumberArray, refuse: Refuse): NumberArray["data"] {
  const odd = data.findIndex((index) => !Number.isInteger(index));
  if (odd >= 0) refuse(`episode_index/${odd}`, `it must be an integer, not ${data[odd]}`);
  return data;
}
