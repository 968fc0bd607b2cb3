/** @file Rows of a CSV file as demonstrations: one row a step. docs/how-to/own-demonstrations.md lists the columns. */

import { didYouMean } from "../../errors.js";
import { describeSpace, type Space, spaceWidth, unflatten, whyOutside } from "../../spaces/index.js";
import { separatorOf } from "../../state/csv.js";
import type { Demonstrations, Spaces } from "../demonstrations.js";
import { type ArrayTree, numberArray, type Refuse } from "./arrays.js";
import { demonstrationsFrom, type RawEpisode, type ReadingOptions } from "./episodes.js";
import { type CompleteSpaces, completeSpaces } from "./infer-spaces.js";

const OPTIONAL = ["episode", "reward", "terminated", "truncated"];

/** Whether the start of a file is the head of such a table. */
export const isCsvHead = (start: string): boolean =>
  columnNames(cellsOf(start.split(/\r?\n/)[0], separatorOf(start.split(/\r?\n/)[0]))).some((name) =>
    /^(observation|action)(_\d+)?$/.test(name),
  );

/** Other names of the columns of observations and actions, as tables of states and actions have them. */
const ALIASES = {
  observation: /^(obs|observations|state|states)(?=_\d+$|$)/,
  action: /^(act|acts|actions)(?=_\d+$|$)/,
};

/** The names of the columns, in which those of states and the like are `observation_0` and so on. */
function columnNames(names: readonly string[]): string[] {
  const has = (what: string) => names.some((name) => new RegExp(`^${what}(_\\d+)?$`).test(name));
  const other = Object.entries(ALIASES).filter(([what]) => !has(what));
  return names.map((name) => other.reduce((word, [what, alias]) => word.replace(alias, what), name));
}

type Known = ReadingOptions & Spaces;

/** A line of the file with its number, counted from 1. */
interface Line {
  number: number;
  cells: string[];
}

/**
 * The episodes in the rows of a table. A row without an action gives the last observation of its episode. Without such a
 * row, the last observation is repeated after a terminal step; else the last row of the episode is that observation.
 *
 * @throws FormatError with the line, the column and the expected content
 */
export function decodeCsv(bytes: Uint8Array, asked: ReadingOptions, refuse: Refuse): Demonstrations {
  const text = new TextDecoder().decode(bytes).replace(/^\ufeff/, "");
  const separator = separatorOf(text.split(/\r?\n/)[0]);
  const lines = text
    .split(/\r?\n/)
    .map((line, i): Line => ({ number: i + 1, cells: cellsOf(line, separator) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ""));
  if (lines.length < 2) refuse("", "it has no row under the names of the columns");
  const [{ cells }, ...rows] = lines;
  const names = columnNames(cells);
  const { inferred, ...spaces } = spacesOf(names, rows, asked, refuse);
  const options = { ...asked, ...spaces };
  const columns = columnsOf(names, options, refuse);
  const omitted = { episodes: 0, steps: 0 };
  const episodes: RawEpisode[] = [];
  for (const group of cut(rows, columns, refuse)) {
    const raw = episodeOf(group, columns, options, refuse);
    if (raw.isCut) omitted.steps++;
    if (raw.steps === 0) omitted.episodes++;
    else episodes.push(raw);
  }
  const provenance = { ...(inferred.length > 0 && { inferred }), ...asked.provenance };
  return demonstrationsFrom("CSV", episodes, { ...options, provenance }, refuse, omitted);
}

/**
 * The declared spaces or, where there are none, those of the columns: a single column of integers from 0 on counts the
 * values of a discrete space, and other columns are the entries of a box without bounds.
 */
function spacesOf(
  names: readonly string[],
  rows: readonly Line[],
  { observationSpace, actionSpace }: ReadingOptions,
  refuse: Refuse,
): CompleteSpaces {
  const infer = (what: string): ArrayTree => {
    const positions = names.flatMap((name, i) => (new RegExp(`^${what}(_\\d+)?$`).test(name) ? [i] : []));
    if (positions.length === 0) {
      return refuse("line 1", `it has no column ${what} or ${what}_0, only ${names.join(", ")}`);
    }
    const cells = rows
      .flatMap((line) => positions.map((i) => line.cells[i] ?? ""))
      .filter((cell) => cell !== "");
    const type = cells.every((cell) => /^\d+$/.test(cell)) ? "integer" : "float";
    const width = positions.length;
    const shape = [Math.floor(cells.length / width), ...(width === 1 ? [] : [width])];
    return numberArray(Float64Array.from(cells, Number), shape, type);
  };
  const [observations, actions] = [
    observationSpace ? undefined : infer("observation"),
    actionSpace ? undefined : infer("action"),
  ];
  return completeSpaces(
    { observationSpace, actionSpace },
    [{ place: "line 1", observations, actions }],
    refuse,
  );
}

/** The cells of a line, without the quotes and the spaces around them. Numbers and names have no quotes within. */
const cellsOf = (line: string, separator: string): string[] =>
  line.split(separator).map((cell) =>
    cell
      .trim()
      .replace(/^"(.*)"$/, "$1")
      .trim(),
  );

/** The positions of the columns. */
interface Columns {
  names: readonly string[];
  observation: number[];
  action: number[];
  episode?: number;
  reward?: number;
  terminated?: number;
  truncated?: number;
}

function columnsOf(
  names: readonly string[],
  { observationSpace, actionSpace, env }: Known,
  refuse: Refuse,
): Columns {
  const twice = names.find((name, i) => name !== "" && names.indexOf(name) < i);
  if (twice !== undefined) refuse("line 1", `column "${twice}" is there twice`);
  const needed = (what: string, space: Space): number[] => {
    const width = spaceWidth(space);
    const numbered = Array.from({ length: width }, (_, i) => `${what}_${i}`);
    const expected = width === 1 && names.includes(what) ? [what] : numbered;
    const missing = expected.find((name) => !names.includes(name));
    if (missing !== undefined) {
      const all = width === 1 ? `${what} or ${what}_0` : `${what}_0 to ${what}_${width - 1}`;
      refuse(
        "line 1",
        `column "${missing}" is missing: ${env} has ${what}s ${describeSpace(space)}, which need the columns ${all}`,
      );
    }
    const more = names.find((name) => new RegExp(`^${what}(_\\d+)?$`).test(name) && !expected.includes(name));
    if (more !== undefined) {
      refuse("line 1", `column "${more}" has no place in ${what}s ${describeSpace(space)} of ${env}`);
    }
    return expected.map((name) => names.indexOf(name));
  };
  const [observation, action] = [needed("observation", observationSpace), needed("action", actionSpace)];
  const known = new Set([...observation, ...action].map((i) => names[i]));
  for (const name of names) {
    if (name === "" || known.has(name) || OPTIONAL.includes(name)) continue;
    const hint = didYouMean(name, OPTIONAL);
    // Other columns, such as a time, are passed over; a misspelt one would be lost without a word.
    if (hint.includes("did you mean")) refuse("line 1", `unknown column "${name}"${hint}`);
  }
  const optional = OPTIONAL.flatMap((name) => (names.includes(name) ? [[name, names.indexOf(name)]] : []));
  return { names, observation, action, ...Object.fromEntries(optional) };
}

/** The rows of each episode: those with one value of `episode`, or without that column up to each end. */
function cut(rows: readonly Line[], columns: Columns, refuse: Refuse): Line[][] {
  const groups: Line[][] = [];
  const ids = new Set<string>();
  let last: string | undefined;
  for (const line of rows) {
    if (line.cells.length !== columns.names.length) {
      refuse(
        `line ${line.number}`,
        `it has ${line.cells.length} cells, but line 1 has ${columns.names.length}`,
      );
    }
    const group = groups.at(-1);
    if (columns.episode === undefined) {
      // The last observation of an episode follows its end.
      const isOver = group && endOf(group.at(-1)!, columns, refuse) && hasAction(line, columns);
      const isPastLast = group && !hasAction(group.at(-1)!, columns);
      if (group && !isOver && !isPastLast) group.push(line);
      else groups.push([line]);
      continue;
    }
    const id = line.cells[columns.episode];
    if (id === "") refuse(at(line, "episode"), "it is empty");
    if (group && id === last) group.push(line);
    else {
      if (ids.has(id)) refuse(at(line, "episode"), `the rows of episode ${id} are not together`);
      ids.add(id);
      groups.push([line]);
    }
    last = id;
  }
  return groups;
}

const at = ({ number }: Line, name: string) => `line ${number}, column ${name}`;

const hasAction = ({ cells }: Line, { action }: Columns): boolean => action.some((i) => cells[i] !== "");

/** The flags of a row; undefined for a row at which the episode goes on. */
function endOf(line: Line, columns: Columns, refuse: Refuse) {
  const flag = (name: "terminated" | "truncated"): boolean => {
    const i = columns[name];
    const cell = i === undefined ? "" : line.cells[i].toLowerCase();
    if (["1", "true"].includes(cell)) return true;
    if (["0", "false", ""].includes(cell)) return false;
    return refuse(at(line, name), `"${cell}" is neither 0 or false nor 1 or true`);
  };
  const end = { terminated: flag("terminated"), truncated: flag("truncated") };
  return end.terminated || end.truncated ? end : undefined;
}

function episodeOf(
  lines: readonly Line[],
  columns: Columns,
  options: Known,
  refuse: Refuse,
): RawEpisode & { isCut: boolean } {
  const { observationSpace, actionSpace, clip } = options;
  const number = (line: Line, i: number): number => {
    const cell = line.cells[i];
    const value = cell === "" ? Number.NaN : Number(cell);
    if (!Number.isFinite(value)) {
      refuse(at(line, columns.names[i]), cell === "" ? "it is empty" : `"${cell}" is not a finite number`);
    }
    if (i !== columns.reward && !Number.isFinite(Math.fround(value))) {
      refuse(at(line, columns.names[i]), `${cell} is beyond the range of float32`);
    }
    return value;
  };
  const isOpen = !hasAction(lines.at(-1)!, columns);
  const acting = isOpen ? lines.slice(0, -1) : lines;
  const early = acting.find((line) => !hasAction(line, columns));
  if (early) refuse(`line ${early.number}`, "it has no action, but is not the last row of its episode");
  const ended = acting.findIndex((line) => endOf(line, columns, refuse));
  if (ended >= 0 && ended < acting.length - 1) {
    refuse(`line ${acting[ended + 1].number}`, `the episode has ended at line ${acting[ended].number}`);
  }
  const end = [...acting.slice(-1), ...lines.slice(-1)].flatMap(
    (line) => endOf(line, columns, refuse) ?? [],
  )[0];
  const isRepeated = !isOpen && end?.terminated === true;
  const isCut = !isOpen && !isRepeated;
  const taken = isCut ? acting.slice(0, -1) : acting;
  const seen = isRepeated ? [...lines, lines.at(-1)!] : lines;

  const rowsOf = (group: readonly Line[], positions: readonly number[]) =>
    group.map((line) => positions.map((i) => number(line, i)));
  const [observations, actions] = [rowsOf(seen, columns.observation), rowsOf(taken, columns.action)];
  // Bounds of boxes are not checked in observations, because those of environments often violate them.
  if (observationSpace.kind !== "box")
    requireInside("observation", observationSpace, observations, seen, refuse);
  if (!(clip && actionSpace.kind === "box")) requireInside("action", actionSpace, actions, taken, refuse);
  const { reward } = columns;
  return {
    place: `the episode of line ${lines[0].number}`,
    steps: taken.length,
    observations: treeOf(observationSpace, observations),
    actions: treeOf(actionSpace, actions),
    rewards:
      reward === undefined
        ? undefined
        : numberArray(
            Float64Array.from(taken, (line) => number(line, reward)),
            [taken.length],
          ),
    terminated: !isCut && end?.terminated === true,
    truncated: !isCut && end?.truncated === true,
    isCut,
  };
}

/** @param rows the flat row of each line */
function requireInside(
  what: string,
  space: Space,
  rows: readonly number[][],
  lines: readonly Line[],
  refuse: Refuse,
): void {
  for (const [i, row] of rows.entries()) {
    const why = whyOutside(space, unflatten(space, row));
    const way = space.kind === "box" ? "; set the option clip to clip actions to their bounds" : "";
    if (why) refuse(`line ${lines[i].number}`, `the ${what} is outside its space: ${why}${way}`);
  }
}

/** Flat rows as the arrays of a space: a group for a dict or tuple. */
function treeOf(space: Space, rows: readonly number[][], offset = 0): ArrayTree {
  if (space.kind !== "dict" && space.kind !== "tuple") {
    const width = spaceWidth(space);
    const data = Float64Array.from(rows.flatMap((row) => row.slice(offset, offset + width)));
    return numberArray(data, [rows.length, width]);
  }
  let start = offset;
  const parts = Object.entries(space.spaces).map(([key, part]): [string, ArrayTree] => {
    const tree = treeOf(part, rows, start);
    start += spaceWidth(part);
    return [space.kind === "tuple" ? `_index_${key}` : key, tree];
  });
  return { kind: "group", parts: new Map(parts) };
}
