/** @file What several seeds of one training show together: `summary.json`, and the sentence that is printed. */

import { bootstrapInterval, iqm, mean, std } from "../diagnostics/statistics.js";
import { createRng } from "../random/rng.js";
import type { Provenance } from "./provenance.js";
import type { Seed } from "./seeds.js";
import type { Row } from "./sinks/sink.js";

export interface SeedRecord {
  seed: Seed;
  /** Its run folder. */
  folder: string;
  status: "waiting" | "running" | "finished" | "interrupted" | "failed";
  steps: number;
  /** Of its run, over all the times that it was resumed. */
  seconds: number;
  /** The last value of the summary's measure. */
  score?: number;
  /** Why it failed. */
  error?: string;
}

/** What `summary.json` holds; statistics are over the seeds that finished. */
export interface SeedsSummary {
  algorithm: string;
  env: string;
  /**
   * What a score is: the mean return of the last evaluation (`"evaluation"`), or else the last value of this number.
   * The `"return"` of training is the mean of its last episodes.
   */
  measure?: string;
  seeds: SeedRecord[];
  mean?: number;
  /** Between seeds. */
  std?: number;
  /** Interquartile mean, the mean of the middle half of the seeds. */
  iqm?: number;
  /** 95 % bootstrap interval of the interquartile mean, for 2 seeds and more. */
  interval?: [low: number, high: number];
  provenance: Omit<Provenance, "seed">;
}

/** The last rows of a run. */
export interface LastRows {
  metrics?: Row;
  evaluations?: Row;
}

/** Numbers of iterations or evaluations that say how good an artefact is, best first. */
const MEASURES = ["return", "value", "accuracy"];

/** The measure that most can be compared by: evaluations where there are any. */
export function measureOf(runs: readonly LastRows[]): string | undefined {
  if (runs.some(({ evaluations }) => evaluations?.mean !== undefined)) return "evaluation";
  return MEASURES.find((name) => runs.some((last) => scoreOf(last, name) !== undefined));
}

export function scoreOf({ metrics, evaluations }: LastRows, measure?: string): number | undefined {
  if (measure === undefined) return undefined;
  return measure === "evaluation" ? evaluations?.mean : (metrics?.[measure] ?? evaluations?.[measure]);
}

/** The statistics of the seeds that finished. */
export function statisticsOf(seeds: readonly SeedRecord[]): Partial<SeedsSummary> {
  const scores = seeds
    .filter(({ status, score }) => status === "finished" && score !== undefined)
    .map(({ score }) => score!);
  if (scores.length === 0) return {};
  const rng = createRng("seeds").stream("bootstrap");
  return {
    mean: mean(scores),
    std: std(scores),
    iqm: iqm(scores),
    ...(scores.length > 1 ? { interval: bootstrapInterval(scores, { rng, statistic: iqm }) } : {}),
  };
}
