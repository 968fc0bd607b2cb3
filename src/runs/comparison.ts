/** @file The comparison of training runs: groups of seeds, their final measures and their mean learning curves. */

import { isReference } from "../config/references.js";
import { estimateOfRuns, LEAST_RUNS } from "../diagnostics/statistics.js";
import { UsageError } from "../errors.js";
import { createRng } from "../random/rng.js";
import type { CurvePoint, Estimate } from "../report/types.js";
import { type LastRows, measureOf, measures, scoreOf } from "./seeds-summary.js";
import type { Row } from "./sinks/sink.js";
import { nameOf, type RunConfig, sourceName } from "./spec.js";

/** A run as it was read from its folder. */
export interface ComparedRun {
  folder: string;
  /** The folder that was given: that of the run, or that of the seeds which hold it. */
  from: string;
  config: RunConfig;
  /** Whether the run has ended by itself; interrupted runs have not. */
  isFinished: boolean;
  metrics: Row[];
  evaluations: Row[];
}

/** What is known of a run that cannot be compared. */
export interface OmittedRun {
  folder: string;
  /** Such as "failed: the disk is full", or "unfinished: 200 of 1000 environment steps". */
  reason: string;
}

/** Runs of one method, which differ in their seeds. */
export interface ComparedGroup {
  /** The algorithm, with the options in which groups of the same algorithm differ; or a folder. */
  name: string;
  algorithm: string;
  /** The folders of the finished runs, in order. */
  folders: string[];
  seeds: (number | string)[];
  unit: string;
  /** The largest number of steps of a run, in `unit`. */
  steps: number;
  /** The measure at the end of each finished run, in the order of `seeds`; absent where a run did not measure it. */
  values: (number | undefined)[];
  /** Their mean, with its 95 % percentile bootstrap interval over at least five seeds; absent without a value. */
  final?: Estimate;
  /** The same of the score against the expert, 0 for the random policy and 1 for the expert, where runs record it. */
  score?: Estimate;
  /** The mean over the finished runs, or over all where none has finished, with an interval for at least five. */
  curve: CurvePoint[];
  /** The curve of each of these runs where they are too few for an interval, from two on. */
  seedCurves: CurvePoint[][];
}

/** A comparison of runs in one environment. */
export interface RunsComparison {
  env: string;
  /** The compared measure: `evaluation` (the mean return of evaluations), or a metric; absent without a common one. */
  measure?: string;
  groups: ComparedGroup[];
  omitted: OmittedRun[];
}

export type Grouping = "settings" | "folder";

/** The largest number of points of a curve, each of which may have a bootstrap interval. */
const MOST_POINTS = 200;

/** The largest number of options in a group's name. */
const MOST_DIFFERENCES = 3;

/**
 * Groups runs and compares them. With `by` "settings", runs that differ only in their seeds are a group.
 *
 * @throws UsageError for no runs, runs of different environments, and the same run twice in a group
 */
export function comparison(runs: readonly ComparedRun[], by: Grouping = "settings"): RunsComparison {
  if (runs.length === 0) throw new UsageError("there are no runs to compare");
  const env = requireOneEnvironment(runs);
  const groups = groupsOf(runs, by);
  const measure = commonMeasure(runs);
  const names = by === "folder" ? groups.map(([{ from }]) => from) : namesOf(groups);
  return {
    env,
    measure,
    groups: groups.map((group, i) => summarised(names[i], group, measure)),
    omitted: runs.flatMap((run) => {
      const reason = whyOmitted(run, measure);
      return reason === undefined ? [] : [{ folder: run.folder, reason }];
    }),
  };
}

/** Why a run has no part in the final values; undefined for one that has. */
function whyOmitted(run: ComparedRun, measure: string | undefined): string | undefined {
  const { config, metrics, isFinished } = run;
  if (!isFinished) return `unfinished: ${metrics.at(-1)?.steps ?? 0} of ${config.steps} ${config.unit}`;
  if (measure === undefined || scoreOf(lastOf(run), measure) !== undefined) return undefined;
  return measure === "evaluation"
    ? "it was not evaluated: train with --evaluate.every"
    : `it has no ${measure}`;
}

function requireOneEnvironment(runs: readonly ComparedRun[]): string {
  const [first, ...others] = runs;
  const optionsOf = ({ config }: ComparedRun) => JSON.stringify(sorted(config.environmentOptions));
  for (const other of others) {
    const [a, b] = [first, other].map(({ config }) => sourceName(config));
    if (a !== b) {
      throw new UsageError(
        `runs of different environments have no common scale: ${first.folder} is of ${a}, ${other.folder} of ${b}; ` +
          "compare those of one environment at a time",
      );
    }
    if (optionsOf(first) !== optionsOf(other)) {
      throw new UsageError(
        `${first.folder} and ${other.folder} are of ${a} with different options, ${optionsOf(first)} and ` +
          `${optionsOf(other)}: compare those of one environment at a time`,
      );
    }
  }
  return sourceName(first.config);
}

/** The groups in the order of their first runs, each in the order given. */
function groupsOf(runs: readonly ComparedRun[], by: Grouping): ComparedRun[][] {
  const groups = new Map<string, ComparedRun[]>();
  for (const run of runs) {
    const key = by === "folder" ? run.from : JSON.stringify([...settingsOf(run.config)]);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  for (const group of groups.values()) {
    const bySeed = new Map<string, string>();
    for (const { folder, config } of group) {
      const before = bySeed.get(String(config.seed));
      if (before !== undefined) {
        const way = before === folder ? "give it once" : "give one of them, or group by folder (--by folder)";
        throw new UsageError(
          `seed ${config.seed} would count twice: ${before} and ${folder} have the same settings; ${way}`,
        );
      }
      bySeed.set(String(config.seed), folder);
    }
  }
  return [...groups.values()];
}

/** The leaves of a config that say what was trained, apart from the seed, as JSON by dotted path. */
function settingsOf(config: RunConfig): Map<string, string> {
  const { algorithm, options, steps, maxEpisodeSteps } = config;
  const leaves = new Map<string, string>();
  const visit = (value: unknown, path: string) => {
    if (isReference(value)) leaves.set(path, JSON.stringify(sorted(placeOf(value))));
    else if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      for (const [key, child] of Object.entries(value)) visit(child, path === "" ? key : `${path}.${key}`);
    } else leaves.set(path, JSON.stringify(value));
  };
  visit({ algorithm: nameOf(algorithm) }, "");
  visit(options, "");
  visit({ steps, maxEpisodeSteps }, "");
  return new Map([...leaves].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A reference without what differs from seed to seed: an expert demonstrates other episodes under another seed. */
function placeOf(reference: object): Record<string, unknown> {
  const { checksum, seed, pairs, env, ...place } = reference as Record<string, unknown>;
  return "from" in place || "policy" in place ? { ...place, checksum } : place;
}

const sorted = (record: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The name of each group: its algorithm, and the options that tell groups of the same algorithm apart. */
function namesOf(groups: readonly ComparedRun[][]): string[] {
  const algorithms = groups.map(([{ config }]) => nameOf(config.algorithm));
  const settings = groups.map(([{ config }]) => settingsOf(config));
  return groups.map(([{ from }], i) => {
    const alike = settings.filter((_, j) => algorithms[j] === algorithms[i]);
    const paths = [...new Set(alike.flatMap((of) => [...of.keys()]))];
    const differing = paths.filter((path) => new Set(alike.map((of) => of.get(path))).size > 1);
    if (differing.length === 0) return algorithms[i];
    if (differing.length > MOST_DIFFERENCES) return `${algorithms[i]} (${from})`;
    const values = differing.map((path) => `${path} ${spoken(settings[i].get(path))}`);
    return `${algorithms[i]}, ${values.join(", ")}`;
  });
}

/** A value of a setting in a group's name: text without quotes, and of a reference its place and episodes. */
function spoken(json: string | undefined): string {
  if (json === undefined) return "unset";
  const value = JSON.parse(json);
  if (!isReference(value)) return typeof value === "string" ? value : json;
  const { from, expert, policy, given, episodes } = value as Record<string, unknown>;
  const place = from ?? policy ?? given ?? (expert === undefined ? json : `expert:${expert}`);
  return episodes === undefined ? `${place}` : `${place} (${episodes} episodes)`;
}

const lastOf = ({ metrics, evaluations }: ComparedRun): LastRows => ({
  metrics: metrics.at(-1),
  evaluations: evaluations.at(-1),
});

/** The preferred measure that all runs have, or else that some have. Losses of different algorithms do not compare. */
function commonMeasure(runs: readonly ComparedRun[]): string | undefined {
  const last = runs.filter(({ metrics }) => metrics.length > 0).map(lastOf);
  const algorithms = new Set(runs.map(({ config }) => nameOf(config.algorithm)));
  const candidates = ["evaluation", ...measures].filter((name) => name !== "loss" || algorithms.size === 1);
  const common = candidates.find((name) => last.every((rows) => scoreOf(rows, name) !== undefined));
  const some = measureOf(last);
  return last.length === 0 ? undefined : (common ?? (some && candidates.includes(some) ? some : undefined));
}

function summarised(name: string, group: ComparedRun[], measure: string | undefined): ComparedGroup {
  const finished = group.filter(({ isFinished }) => isFinished);
  const [{ config }] = group;
  const values = finished.map((run) => scoreOf(lastOf(run), measure));
  const drawn = finished.length > 0 ? finished : group;
  const curves = measure === undefined ? [] : drawn.map((run) => pointsOf(run, measure));
  return {
    name,
    algorithm: nameOf(config.algorithm),
    folders: finished.map(({ folder }) => folder),
    seeds: finished.map((run) => run.config.seed),
    unit: config.unit,
    steps: Math.max(...group.map(({ metrics }) => metrics.at(-1)?.steps ?? 0)),
    values,
    final: estimateOf(values),
    score: estimateOf(finished.map(({ evaluations }) => evaluations.at(-1)?.score)),
    curve: meanCurve(curves),
    seedCurves: curves.length > 1 && curves.length < LEAST_RUNS ? curves : [],
  };
}

/** The points of a run's curve, from the table that holds the measure. */
function pointsOf({ metrics, evaluations }: ComparedRun, measure: string): CurvePoint[] {
  const column = measure === "evaluation" ? "mean" : measure;
  const inMetrics = measure !== "evaluation" && metrics.some((row) => row[column] !== undefined);
  return (inMetrics ? metrics : evaluations)
    .filter((row) => Number.isFinite(row[column]))
    .map((row) => ({ x: row.steps, y: row[column] }));
}

/** The mean of the values that are there, with its interval if they are enough. */
function estimateOf(given: readonly (number | undefined)[]): Estimate | undefined {
  const values = given.filter((value) => value !== undefined);
  if (values.length === 0) return undefined;
  return estimateOfRuns(values, { rng: createRng("comparison").stream("bootstrap") });
}

/**
 * The mean of several curves over the range that all have, at the steps at which any has a point, of which at most 200
 * evenly spaced ones are kept. Between its points a curve is interpolated linearly.
 */
export function meanCurve(given: readonly CurvePoint[][]): CurvePoint[] {
  const curves = given.filter((points) => points.length > 0);
  if (curves.length === 0) return [];
  const from = Math.max(...curves.map(([first]) => first.x));
  const to = Math.min(...curves.map((points) => points.at(-1)!.x));
  const all = [...new Set(curves.flatMap((points) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  const xs = all.filter((x) => x >= from && x <= to);
  const kept = Math.min(xs.length, MOST_POINTS);
  return Array.from({ length: kept }, (_, i) => {
    const x = xs[kept === 1 ? 0 : Math.round((i * (xs.length - 1)) / (kept - 1))];
    const { value, ...ends } = estimateOf(curves.map((points) => valueAt(points, x)))!;
    return { x, y: value, ...ends };
  });
}

/** The value of a curve at `x`, which is within its range. */
function valueAt(points: CurvePoint[], x: number): number {
  const next = points.findIndex((point) => point.x >= x);
  const b = points[next];
  if (b.x === x) return b.y;
  const a = points[next - 1];
  return a.y + ((b.y - a.y) * (x - a.x)) / (b.x - a.x);
}
