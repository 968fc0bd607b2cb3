/**
 * @file Reads the episodes of a LeRobot data set (github.com/huggingface/lerobot, formats v2 and v3): Parquet files
 * with one row per frame: the observation, the action, and its results in `next.reward` and `next.done`.
 *
 * Frames are ordered by `episode_index` and `frame_index`, wherever they are in the files; the frames of an episode must
 * be complete. Without `frame_index`, `index` orders them, or else their position in the files. Without `episode_index`,
 * the frames of a file are one episode.
 *
 * The observation after the last action is not recorded. The last frame therefore provides the final observation, and
 * its action and reward are omitted: an episode of N frames has N − 1 steps and is neither terminated nor truncated. An
 * episode of one frame is omitted.
 *
 * Data sets that this package wrote (`write-lerobot.ts`) also have `next.observation.state`, or one such column for each
 * part of the observation. There, an episode of N frames has N steps, and ends as `next.done` and `next.truncated` say.
 */

import type { Space } from "../../spaces/index.js";
import type { Demonstrations } from "../demonstrations.js";
import {
  type ArrayTree,
  column,
  describeNode,
  flagColumn,
  joinRows,
  type NumberArray,
  numberArray,
  type Refuse,
  rowCount,
  sliceRows,
  takeRows,
} from "./arrays.js";
import { demonstrationsFrom, type RawEpisode, type ReadingOptions } from "./episodes.js";
import { requireAlike, requireConsecutive } from "./next-observations.js";
import { type Columns, columnTree } from "./table.js";

const EPISODE = "episode_index";
/** The columns that order the frames of an episode; the first of them that exists is used. */
const FRAME = "frame_index";
const ORDER = [FRAME, "index"];
export const REWARD = "next.reward";
/** In data sets with next observations: whether the episode terminates, and is truncated, at the frame. */
export const DONE = "next.done";
export const TRUNCATED = "next.truncated";

/** The column of the observations after the actions. */
export const nextOf = (name: string): string => `next.${name}`;

/** The frames of one file. */
export interface Shard {
  readonly columns: Columns;
  /** Refuses with the name of the file. */
  readonly refuse: Refuse;
}

/** The columns to read, from the columns of the file. */
export function lerobotColumns(
  columns: readonly string[],
  { observationSpace, observationColumn }: ReadingOptions,
  refuse: Refuse,
): string[] {
  const observations = observationsIn(columns, observationColumn, observationSpace);
  if (observations.length === 0 || observations.some((name) => !columns.includes(name))) {
    refuse(
      "",
      `it has no column "${observationColumn ?? "observation.state"}" of observations, only ${columns.join(", ")}`,
    );
  }
  if (!columns.includes("action")) refuse("", `it has no column "action", only ${columns.join(", ")}`);
  const order = ORDER.filter((name) => columns.includes(name)).slice(0, 1);
  const next = observations.map(nextOf);
  const isWhole = next.every((name) => columns.includes(name));
  const others = [EPISODE, REWARD, ...(isWhole ? [DONE, TRUNCATED] : [])].filter((n) => columns.includes(n));
  return [...observations, ...(isWhole ? next : []), "action", ...order, ...others];
}

function observationsIn(columns: readonly string[], asked: string | undefined, space?: Space): string[] {
  if (asked !== undefined) return [asked];
  if (space?.kind === "dict") {
    return Object.keys(space.spaces).flatMap((key) =>
      columns.filter((name) => name === `observation.${key}`),
    );
  }
  return ["observation.state", "observation"].filter((name) => columns.includes(name)).slice(0, 1);
}

/**
 * The episodes in the frames of several files.
 *
 * @throws FormatError with the file, the episode and the expected content.
 */
export function lerobotFromShards(shards: readonly Shard[], options: ReadingOptions): Demonstrations {
  const full = shards.filter(({ columns }) => columns.get("action")!.values.length > 0);
  const [first] = full;
  if (!first) return shards[0].refuse("", "it contains no frame");
  const tables = full.map((shard, i) => tableOf(shard, i, options));
  const whole = tables.reduce((before, table, i) => joined(before, table, full[i].refuse));
  const { episode, file, order } = whole;
  const start = first.columns.has(FRAME) ? 0 : undefined;
  const refuseAt = (row: number): Refuse => full[file.data[row]].refuse;
  const rows = orderFrames(episode.data, { order, start }, refuseAt);
  const [observations, actions] = [takeRows(whole.observations, rows), takeRows(whole.actions, rows)];
  const next = whole.next && takeRows(whole.next, rows);
  const flags = (of: NumberArray | undefined) => of && takeRows(of, rows);
  const [rewards, done, truncated] = [whole.rewards, whole.done, whole.truncated].map(flags);

  const episodes: RawEpisode[] = [];
  const omitted = { episodes: 0, steps: 0 };
  for (let from = 0, to = 0; from < rows.length; from = to) {
    const number = episode.data[rows[from]];
    while (to < rows.length && episode.data[rows[to]] === number) to++;
    const [place, refuse] = [`episode ${number}`, refuseAt(rows[from])];
    const seen = sliceRows(observations, from, to);
    if (next) requireNext(sliceRows(next, from, to), seen, place, refuse);
    else omitted.steps++;
    const last = to - 1;
    const end = next ? to : last;
    if (end === from) {
      omitted.episodes++;
      continue;
    }
    const isEnd = (flags: NumberArray | undefined, name: string): boolean =>
      flags !== undefined && endsAtLast(sliceRows(flags, from, to), `${place}/${name}`, refuse);
    episodes.push({
      place,
      refuse,
      steps: end - from,
      observations: next ? joinRows(seen, sliceRows(next, last, to)) : seen,
      actions: sliceRows(actions, from, end),
      rewards: rewards && (sliceRows(rewards, from, end) as NumberArray),
      terminated: isEnd(done, DONE),
      truncated: isEnd(truncated, TRUNCATED),
    });
  }
  return demonstrationsFrom("LeRobot", episodes, options, first.refuse, omitted);
}

/** @throws FormatError when the observations after the actions are not those of the next frames. */
function requireNext(next: ArrayTree, seen: ArrayTree, place: string, refuse: Refuse): void {
  const at = `${place}/next.observation`;
  requireAlike(next, seen, at, refuse);
  const last = rowCount(seen, place, refuse) - 1;
  requireConsecutive(next, seen, 0, last, { place: at, refuse, ends: EPISODE });
}

/** Whether the flag of the last frame is 1. @throws FormatError when one before it is. */
function endsAtLast(flags: ArrayTree, place: string, refuse: Refuse): boolean {
  const all = flagColumn(flags, place, refuse);
  const early = Array.prototype.indexOf.call(all, 1);
  if (early >= 0 && early < all.length - 1) {
    refuse(place, `it is true at frame ${early}, before the last of ${all.length}`);
  }
  return early >= 0;
}

/** The arrays of the frames of files, with a row per frame. */
interface Table {
  observations: ArrayTree;
  next?: ArrayTree;
  actions: ArrayTree;
  rewards?: NumberArray;
  done?: NumberArray;
  truncated?: NumberArray;
  episode: NumberArray;
  order?: NumberArray;
  /** The file of each frame, by its position among the files. */
  file: NumberArray;
}

function tableOf({ columns, refuse }: Shard, i: number, options: ReadingOptions): Table {
  const { observationSpace, observationColumn } = options;
  const rows = columns.get("action")!.values.length;
  const array = (name: string) => columnTree(columns.get(name), name, refuse);
  const single = (name: string) => (columns.has(name) ? column(array(name), name, refuse, rows) : undefined);
  const observed = [...columns.keys()].filter(
    (name) => name.startsWith("observation") || name === observationColumn,
  );
  const observations = (of: (name: string) => string): ArrayTree => {
    if (observationSpace?.kind !== "dict") return array(of(observed[0]));
    const part = (name: string): [string, ArrayTree] => [name.replace(/^observation\./, ""), array(of(name))];
    return { kind: "group", parts: new Map(observed.map(part)) };
  };
  const file = numberArray(new Float64Array(rows).fill(i), [rows], "integer");
  const order = ORDER.find((name) => columns.has(name));
  return {
    observations: observations((name) => name),
    next: columns.has(nextOf(observed[0])) ? observations(nextOf) : undefined,
    actions: array("action"),
    rewards: single(REWARD),
    done: single(DONE),
    truncated: single(TRUNCATED),
    // Without an index, a file is an episode.
    episode: integers(single(EPISODE), EPISODE, refuse) ?? file,
    order: order === undefined ? undefined : integers(single(order), order, refuse),
    file,
  };
}

function integers(node: NumberArray | undefined, place: string, refuse: Refuse): NumberArray | undefined {
  const odd = node?.data.findIndex((index) => !Number.isSafeInteger(index)) ?? -1;
  if (odd >= 0) refuse(`${place}/${odd}`, `it must be an integer, not ${node!.data[odd]}`);
  return node;
}

/** @throws FormatError when the frames of a file have another layout than those of the files before it. */
function joined(before: Table, after: Table, refuse: Refuse): Table {
  const join = (name: keyof Table): ArrayTree | undefined => {
    const [first, second] = [before[name], after[name]];
    if (!first && !second) return undefined;
    const [found, wanted] = [second, first].map((node) => describeNode(node && sliceRows(node, 0, 1)));
    if (found !== wanted) {
      refuse(name, `a frame of this file is ${found}, but in the files before it ${wanted}`);
    }
    return joinRows(first!, second!);
  };
  const names: (keyof Table)[] = [
    "observations",
    "next",
    "actions",
    "rewards",
    "done",
    "truncated",
    "episode",
    "order",
    "file",
  ];
  return Object.fromEntries(names.map((name) => [name, join(name)])) as unknown as Table;
}

/**
 * The rows of all frames, by episode and by frame. The first frame of each episode must have the number `start`.
 *
 * @throws FormatError when frames of an episode are missing or repeated, or their order is unknown.
 */
function orderFrames(
  episode: NumberArray["data"],
  { order, start }: { order?: NumberArray; start?: number },
  refuseAt: (row: number) => Refuse,
): Int32Array {
  const rows = Int32Array.from(episode, (_, row) => row);
  const frame = order?.data;
  if (frame) rows.sort((a, b) => episode[a] - episode[b] || frame[a] - frame[b] || a - b);
  const begun = new Set<number>();
  for (let i = 0; i < rows.length; i++) {
    const [row, last] = [rows[i], rows[i - 1]];
    const isFirst = i === 0 || episode[row] !== episode[last];
    const refuse = (why: string) => refuseAt(row)(`episode ${episode[row]}`, why);
    if (isFirst && begun.has(episode[row])) {
      refuse("its frames are not together, and without frame_index their order is unknown");
    }
    begun.add(episode[row]);
    if (isFirst && start !== undefined && frame?.[row] !== start) {
      refuse(`its first frame is ${frame?.[row]}: those before it are missing, or in another file`);
    }
    if (!frame || isFirst) continue;
    if (frame[row] === frame[last]) refuse(`it has two frames ${frame[row]}: it was recorded twice`);
    if (frame[row] !== frame[last] + 1) {
      refuse(`frame ${frame[row]} follows frame ${frame[last]}: those between them are missing`);
    }
  }
  return rows;
}
