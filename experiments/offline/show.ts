/** @file The tables of the offline comparison. */

import { mean, std } from "../../index.js";
import { markdown } from "../lib/markdown.js";
import { studentInterval } from "../lib/student.js";
import { KINDS, type Kind } from "./data.js";
import { type DataRecord, methods, type OfflineRun } from "./runs.js";

type Row = OfflineRun | DataRecord;

/** The seeds of the evidence, and the one under which the settings were fixed. */
const SEEDS = [0, 1, 2, 3, 4];
const FIRST_PASS = 100;
const BASELINE = "bc";

const recordsIn = (rows: readonly Row[]) => rows.filter((row): row is DataRecord => !("method" in row));
const runsIn = (rows: readonly Row[], seeds = SEEDS) =>
  rows.filter((row): row is OfflineRun => "method" in row && seeds.includes(row.seed));

const byKind = (a: { data: Kind }, b: { data: Kind }) => KINDS.indexOf(a.data) - KINDS.indexOf(b.data);
const round = (x: number) => String(Math.round(x)).replace("-", "−");
const tenth = (x: number) => x.toFixed(1).replace("-", "−");
const envsOf = (rows: readonly Row[]) => [...new Set(rows.map(({ env }) => env))].sort().reverse();

export function dataTable(rows: readonly Row[]): string {
  const head = ["environment", "data set", "episodes", "transitions", "mean return", "score", "checksum"];
  const records = recordsIn(rows);
  const lines = envsOf(records).flatMap((env) =>
    records
      .filter((record) => record.env === env)
      .sort(byKind)
      .map((r) => [
        env,
        r.data,
        String(r.episodes),
        String(r.transitions),
        round(r.meanReturn),
        round(r.score),
        `\`${r.checksum}\``,
      ]),
  );
  return markdown([head, ...lines]);
}

/** The scores under each seed, in order of the seeds. */
const scoresOf = (runs: readonly OfflineRun[], env: string, kind: Kind, method: string): OfflineRun[] =>
  runs
    .filter((run) => run.env === env && run.data === kind && run.method === method)
    .sort((a, b) => a.seed - b.seed);

const tried = (runs: readonly OfflineRun[]) =>
  envsOf(runs).flatMap((env) =>
    KINDS.filter((kind) => runs.some((run) => run.env === env && run.data === kind)).map(
      (kind) => [env, kind] as const,
    ),
  );

/** The mean score and its standard deviation over seeds, of the methods, by data set. */
export function scoreTable(rows: readonly Row[]): string {
  const runs = runsIn(rows);
  const names = Object.keys(methods).filter((name) => !methods[name].kinds);
  const cell = (scores: readonly number[]) => {
    const count = scores.length;
    if (count === 0) return "—";
    if (count === 1) return `${round(scores[0])} (1 seed)`;
    const few = count < SEEDS.length ? ` (${count} seeds)` : "";
    return `${round(mean(scores))} ± ${round(std(scores))}${few}`;
  };
  const lines = tried(runs).map(([env, kind]) => [
    env,
    kind,
    ...names.map((name) => cell(scoresOf(runs, env, kind, name).map(({ score }) => score))),
  ]);
  return markdown([["environment", "data set", ...names.map((name) => `\`${name}\``)], ...lines]);
}

/** The scores of the first pass, of methods and controls, by data set. */
export function firstPassTable(rows: readonly Row[]): string {
  const runs = runsIn(rows, [FIRST_PASS]);
  const cells = tried(runs);
  const lines = Object.keys(methods).map((name) => [
    name,
    ...cells.map(([env, kind]) => {
      const [run] = scoresOf(runs, env, kind, name);
      return run ? round(run.score) : "—";
    }),
  ]);
  return markdown([["method", ...cells.map(([, kind]) => kind)], ...lines]);
}

/** The rule, fixed before the runs: a difference is shown if its interval over five seeds excludes 0. */
export const verdict = ({ low, high }: { low: number; high: number }, seeds: number): string =>
  seeds < SEEDS.length ? `not shown: ${seeds} seeds` : low > 0 ? "better" : high < 0 ? "worse" : "not shown";

/** The paired difference of each method, and of each control, from cloning on the same data under the same seeds. */
export function verdictTable(rows: readonly Row[]): string {
  const runs = runsIn(rows);
  const lines = tried(runs).flatMap(([env, kind]) => {
    const baseline = new Map(
      scoresOf(runs, env, kind, BASELINE).map(({ seed, score }) => [seed, score] as const),
    );
    return Object.keys(methods)
      .filter((name) => name !== BASELINE)
      .flatMap((name) => {
        const both = scoresOf(runs, env, kind, name).filter(({ seed }) => baseline.has(seed));
        if (both.length < 2) return [];
        const found = studentInterval(both.map(({ seed, score }) => score - baseline.get(seed)!));
        const interval = `[${tenth(found.low)}, ${tenth(found.high)}]`;
        return [
          [env, kind, name, round(mean(both.map(({ score }) => score))), tenth(found.value), interval].concat(
            verdict(found, both.length),
          ),
        ];
      });
  });
  const head = ["environment", "data set", "method", "score", "minus `bc`", "95 % interval", "against `bc`"];
  return markdown([head, ...lines]);
}
