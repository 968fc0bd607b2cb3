/** @file The report of a training with several seeds: a curve for each seed, the summary, and the final values. */

import { join } from "node:path";
import { iqm, LEAST_RUNS, mean } from "../diagnostics/statistics.js";
import { UsageError } from "../errors.js";
import { formatEstimate, formatNumber } from "../report/format.js";
import { recordRows } from "../report/tables.js";
import type { CurvesSection, Report } from "../report/types.js";
import { readRunConfig } from "./run-records.js";
import { finishedScores, readSummary, type SeedsSummary } from "./seeds-summary.js";
import { readRows } from "./sinks/jsonl.js";
import type { Row } from "./sinks/sink.js";
import type { RunConfig } from "./spec.js";

/** The parsed content of a folder of seeds. */
export interface SeedsRecords {
  summary: SeedsSummary;
  /** The config of a seed that has started. Configs differ in the seed only. */
  config?: RunConfig;
  /** The rows with the summary's measure, one list for each seed; empty for a failed seed. */
  rows: Row[][];
}

/** @throws UsageError when the folder holds no seeds; FormatError when a file in it is damaged, naming it. */
export function readSeedsRecords(folder: string): SeedsRecords {
  const summary = readSummary(folder);
  if (!summary) throw new UsageError(`there are no seeds in ${folder}: it has no summary.json`);
  const runs = summary.seeds.map((seed) => join(folder, seed.folder));
  const sound = summary.seeds.map(({ status }) => status !== "failed");
  const configs = runs.map((run, i) => (sound[i] ? readRunConfig(run) : undefined));
  return {
    summary,
    config: configs.find((config) => config !== undefined),
    rows: runs.map((run, i) => (sound[i] ? rowsWith(run, summary.measure) : [])),
  };
}

/** The rows of the table that contains a measure. */
function rowsWith(run: string, measure: string | undefined): Row[] {
  const metrics = measure === "evaluation" ? [] : readRows(run, "metrics");
  const isThere = measure === undefined || metrics.some((row) => row[measure] !== undefined);
  return isThere ? metrics : readRows(run, "evaluations");
}

/** The report of several seeds, which may be in progress. A pure function of their records. */
export function seedsReport({ summary, config, rows }: SeedsRecords): Report {
  const { algorithm, env, seeds, provenance } = summary;
  const finished = seeds.filter(({ status }) => status === "finished");
  const curves = curvesOf(summary, rows, config?.unit ?? "steps");
  const { seed: _, ...settings } = config ?? ({} as Partial<RunConfig>);
  return {
    title: `${algorithm} on ${env}`,
    subtitle: `${seeds.length} seeds`,
    summary: [seedsSentence(summary)],
    highlights: [
      { label: "interquartile mean", value: formatNumber(summary.iqm) },
      { label: "mean", value: formatNumber(summary.mean) },
      { label: "finished seeds", value: `${finished.length} of ${seeds.length}` },
    ].filter(({ value }) => value !== "n/a"),
    sections: [
      ...curves,
      {
        kind: "table",
        title: "Each seed",
        reading: `${finished.length} of ${seeds.length} finished.`,
        caption: captionOf(summary.measure),
        columns: ["seed", "status", config?.unit ?? "steps", "seconds", "at the end"].map((label) => ({
          label,
        })),
        rows: seeds.map((record) => [
          String(record.seed),
          record.error ? `failed: ${record.error}` : record.status,
          record.steps,
          record.seconds,
          record.score,
        ]),
      },
      {
        kind: "table",
        title: "Settings",
        reading: "All options of the runs, including defaults.",
        columns: [{ label: "Option" }, { label: "Value", align: "left" }],
        rows: recordRows({ ...settings }),
      },
    ],
    commands: [provenance.command.join(" ")],
    provenance: { ...provenance },
  };
}

/** The summary of all seeds, in one sentence. */
export function seedsSentence({ algorithm, env, seeds, ...summary }: SeedsSummary): string {
  const finished = seeds.filter(({ status }) => status === "finished").length;
  const of = finished === seeds.length ? `${finished}` : `${finished} of ${seeds.length}`;
  const what = `${algorithm} on ${env}, ${of} ${seeds.length === 1 ? "seed" : "seeds"}`;
  if (summary.mean === undefined) return `${what}: nothing to compare: no seed has measured anything.`;
  const measure = summary.measure === "evaluation" ? "evaluated return" : summary.measure;
  const average = `${what}: ${measure} ${formatNumber(summary.mean)} on average`;
  if (summary.iqm === undefined || summary.interval === undefined) {
    const scores = finishedScores(seeds);
    return scores.length > 1 ? `${average} of ${listed(scores)}.` : `${average}.`;
  }
  const [low, high] = summary.interval;
  return (
    `${average}, interquartile mean ${formatEstimate({ value: summary.iqm, low, high })} ` +
    "(95 % percentile bootstrap over the seeds)."
  );
}

/** Every score, for seeds of which there are too few for an interval. */
const listed = (scores: readonly number[]) =>
  scores
    .map((score) => formatNumber(score))
    .join(", ")
    .replace(/, ([^,]*)$/, " and $1");

function captionOf(measure?: string): string {
  if (measure === "evaluation") return "At the end: the mean return of the last evaluation.";
  if (measure === "return") return "At the end: the mean return of the last training episodes.";
  return measure === undefined ? "The runs have no measures to compare." : `At the end: the last ${measure}.`;
}

/**
 * A faint curve for each seed, under their interquartile mean, or their mean if they are few, at the steps where all
 * seeds have a row.
 */
function curvesOf({ measure, seeds }: SeedsSummary, rows: Row[][], unit: string): CurvesSection[] {
  if (measure === undefined) return [];
  const column = measure === "evaluation" ? "mean" : measure;
  const curves = rows.map((table) =>
    table.filter((row) => row[column] !== undefined).map((row) => ({ x: row.steps, y: row[column] })),
  );
  const atStep = new Map<number, number[]>();
  for (const { x, y } of curves.flat()) atStep.set(x, [...(atStep.get(x) ?? []), y]);
  const curveCount = curves.filter((points) => points.length > 0).length;
  const common = [...atStep].filter(([, ys]) => ys.length === curveCount).sort(([a], [b]) => a - b);
  if (common.length < 2) return [];
  const [name, middle] =
    curveCount < LEAST_RUNS ? (["mean", mean] as const) : (["interquartile mean", iqm] as const);
  const [first, last] = [common[0], common[common.length - 1]].map(([, ys]) => formatNumber(middle(ys)));
  return [
    {
      kind: "curves",
      title: "Learning curves",
      reading: `The ${name} of ${curveCount} ${curveCount === 1 ? "seed" : "seeds"} goes from ${first} to ${last}.`,
      caption:
        measure === "evaluation"
          ? "Mean returns in fresh environments. Grey: single seeds."
          : "Measured during training. Grey: single seeds.",
      xLabel: unit,
      yLabel: measure === "evaluation" ? "return of an episode" : measure,
      series: [
        ...curves.map((points, i) => ({ name: `seed ${seeds[i].seed}`, faint: true, points })),
        { name, points: common.map(([x, ys]) => ({ x, y: middle(ys) })) },
      ],
    },
  ];
}
