/** @file Markdown tables of the comparisons of inverse methods. */

import { mean } from "../../index.js";
import { LEAST_RUNS } from "../../src/diagnostics/index.js";
import { markdown } from "../lib/markdown.js";
import { type SampledRun, sampledEnvironments, sampledNames } from "./sampled.js";

/** Results of one method in one environment, summarised over seeds. */
export interface MethodSummary {
  world: string;
  method: string;
  score: { mean: number };
  featureGap: number;
  epic: number;
}

/** One row per method and one column per environment: mean score, feature gap and EPIC distance over the seeds. */
export function methodTable(summary: readonly MethodSummary[]): string {
  const distinct = (field: "world" | "method") => [...new Set(summary.map((entry) => entry[field]))];
  const worlds = distinct("world");
  const rows = distinct("method").map((method) => [
    method,
    ...worlds.map((world) => {
      const own = summary.find((entry) => entry.world === world && entry.method === method);
      return own
        ? `${own.score.mean.toFixed(3)}, ${own.featureGap.toPrecision(2)}, ${own.epic.toFixed(2)}`
        : "—";
    }),
  ]);
  return markdown([["score, feature gap, EPIC", ...worlds], ...rows]);
}

/** Labels of methods of the sampled comparison whose names differ from their labels. */
const NAMES: Record<string, string> = {
  "max-margin": "apprenticeship, max-margin",
  projection: "apprenticeship, projection",
  network: "maxCausalEntIrl, network",
  "network-signed": "maxCausalEntIrl, network of signed numbers",
};

/**
 * One row per method and demonstrator, three columns per environment: scores of the modes and of sampled actions, each
 * the mean with the least or, of few seeds, with every seed; and feature gaps over the rounds.
 */
export function sampledTable(runs: readonly SampledRun[]): string {
  const rows = (["expert", "random"] as const).flatMap((by) =>
    sampledNames.flatMap((method) => {
      const own = runs.filter((run) => run.by === by && run.method === method);
      if (own.length === 0) return [];
      const name = `${NAMES[method] ?? method}${by === "random" ? ", random expert" : ""}`;
      return [
        [name, ...sampledEnvironments.flatMap((env) => sampledCells(own.filter((run) => run.env === env)))],
      ];
    }),
  );
  const head = sampledEnvironments.flatMap((env) => [
    `${env}: mode`,
    "sampled",
    "feature gap, first → last round",
  ]);
  return markdown([["method", ...head], ...rows]);
}

function sampledCells(runs: readonly SampledRun[]): string[] {
  if (runs.length === 0) return ["—", "—", "—"];
  const of = (field: "score" | "drawnScore" | "firstGap" | "featureGap") => runs.map((run) => run[field]);
  const gaps = [mean(of("firstGap")), mean(of("featureGap"))];
  return [
    scoreCell(of("score")),
    scoreCell(of("drawnScore")),
    gaps.map((gap) => (gap < 0.005 ? "0" : gap.toPrecision(2))).join(" → "),
  ];
}

/** The mean over seeds with the least of them, or with every one if they are few. */
function scoreCell(scores: readonly number[]): string {
  const texts = scores.toSorted((a, b) => a - b).map(twoDigits);
  const few = scores.length < LEAST_RUNS ? texts.join(", ") : `least ${texts[0]}`;
  return `${twoDigits(mean(scores))} (${few})`;
}

/** Formats a score with two decimals and no minus sign before zero. */
const twoDigits = (score: number) => (Math.abs(score) < 0.005 ? "0.00" : score.toFixed(2));
