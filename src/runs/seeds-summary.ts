/** @file The summary of a training with several seeds: `summary.json`, and the sentence that is printed. */

import * as z from "zod";
import { estimateOfRuns, iqm, mean, std } from "../diagnostics/statistics.js";
import { createRng } from "../random/rng.js";
import type { Provenance } from "./provenance.js";
import { readRecord } from "./run-records.js";
import type { Seed } from "./seeds.js";
import type { Row } from "./sinks/sink.js";

export interface SeedRecord {
  seed: Seed;
  /** The seed's run folder. */
  folder: string;
  status: "waiting" | "running" | "finished" | "interrupted" | "failed";
  steps: number;
  /** Total time of the run, including resumes (s). */
  seconds: number;
  /** The last value of the summary's measure. */
  score?: number;
  /** The error of a failed run. */
  error?: string;
}

/** The content of `summary.json`. Statistics are over the finished seeds. */
export interface SeedsSummary {
  algorithm: string;
  env: string;
  /**
   * The measure of the scores: the mean return of the last evaluation (`"evaluation"`), or else the last value of this
   * metric. The `"return"` of training is the mean over the last episodes.
   */
  measure?: string;
  seeds: SeedRecord[];
  mean?: number;
  /** Standard deviation between seeds. */
  std?: number;
  /** Interquartile mean, the mean of the middle half of the seeds; of at least 5 seeds. */
  iqm?: number;
  /** 95 % percentile bootstrap interval of the interquartile mean; of at least 5 seeds. */
  interval?: [low: number, high: number];
  provenance: Omit<Provenance, "seed">;
}

/** The name of its file in a folder of seeds. */
export const SUMMARY = "summary.json";

const seedRecordSchema = z.looseObject({
  seed: z.union([z.number(), z.string()]),
  folder: z.string().regex(/^seed-[^/\\]*$/, "it must be a folder beside this file, such as seed-0"),
  status: z.enum(["waiting", "running", "finished", "interrupted", "failed"]),
  steps: z.number(),
  seconds: z.number(),
  score: z.number().optional(),
  error: z.string().optional(),
});

const summarySchema = z.looseObject({
  algorithm: z.string(),
  env: z.string(),
  measure: z.string().optional(),
  seeds: z.array(seedRecordSchema),
  mean: z.number().optional(),
  std: z.number().optional(),
  iqm: z.number().optional(),
  interval: z.tuple([z.number(), z.number()]).optional(),
  provenance: z.looseObject({}),
});

/** The summary in a folder of seeds; undefined without one. @throws FormatError when it is damaged */
export const readSummary = (folder: string): SeedsSummary | undefined =>
  readRecord(folder, SUMMARY, summarySchema);

/** The last rows of a run. */
export interface LastRows {
  metrics?: Row;
  evaluations?: Row;
}

/** Metrics that measure the quality of an artefact, in order of preference. `score` is that of the diagnostics. */
export const measures = ["return", "value", "score", "accuracy", "featureGap", "loss"];

/** The preferred measure that the seeds have: evaluations if there are any. */
export function measureOf(runs: readonly LastRows[]): string | undefined {
  if (runs.some(({ evaluations }) => evaluations?.mean !== undefined)) return "evaluation";
  return measures.find((name) => runs.some((last) => scoreOf(last, name) !== undefined));
}

export function scoreOf({ metrics, evaluations }: LastRows, measure?: string): number | undefined {
  if (measure === undefined) return undefined;
  return measure === "evaluation" ? evaluations?.mean : (metrics?.[measure] ?? evaluations?.[measure]);
}

/** The scores of the seeds that finished, in order. */
export const finishedScores = (seeds: readonly SeedRecord[]): number[] =>
  seeds
    .filter(({ status, score }) => status === "finished" && score !== undefined)
    .map(({ score }) => score!);

/** The statistics of the seeds that finished. */
export function statisticsOf(seeds: readonly SeedRecord[]): Partial<SeedsSummary> {
  const scores = finishedScores(seeds);
  if (scores.length === 0) return {};
  const rng = createRng("seeds").stream("bootstrap");
  const { value, low, high } = estimateOfRuns(scores, { rng, statistic: iqm });
  return {
    mean: mean(scores),
    std: std(scores),
    ...(low !== undefined && high !== undefined && { iqm: value, interval: [low, high] }),
  };
}
