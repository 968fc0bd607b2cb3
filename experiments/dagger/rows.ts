/** @file The rows of the table of lane keeping, as plain runs. */

import { type PlainRun, type RecordedRow, recordOf } from "../lib/plain-run.js";

export const ENV = "LaneKeeping-v0";
/** Return of an episode in which the car stays on the centre line, and its number of steps. */
export const BEST = 200;

export type Source = "demonstrations" | "expert" | "random";

interface Row {
  method: string;
  labels: number;
  row: PlainRun;
  from: Source;
}

const dagger = (method: string, labels: number, options = {}, from: Source = "expert"): Row => ({
  method,
  labels,
  row: { algorithm: "dagger", env: ENV, options },
  from,
});

export const rows: readonly Row[] = [
  ...[5, 20, 80].map(
    (episodes): Row => ({
      method: "bc",
      labels: BEST * episodes,
      row: { algorithm: "bc", env: ENV },
      from: "demonstrations",
    }),
  ),
  dagger("dagger", 300, { rounds: 3 }),
  dagger("dagger", 500, { rounds: 5 }),
  dagger("dagger", 1000),
  dagger("dagger, fused", 1000, { combine: "fuse" }),
  dagger("dagger, random labels", 1000, {}, "random"),
];

/** The words of a command. `EXPERT` is `laneKeeper` and `DEMOS` its episodes: code gives both. */
const words: Record<Source, (labels: number) => string> = {
  demonstrations: (labels) => `--demos DEMOS --demo-episodes ${labels / BEST}`,
  expert: () => "--expert EXPERT",
  random: () => "--labeller files",
};

/** The commands and the settings of the rows. */
export const recordedRows = (): Record<string, RecordedRow> =>
  Object.fromEntries(
    rows.map(({ method, labels, row, from }) => [`${method}/${labels}`, recordOf(row, words[from](labels))]),
  );
