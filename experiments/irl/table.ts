/** @file The comparisons of the inverse methods as Markdown. */

import { mean } from "../../index.js";
import { markdown } from "../lib/markdown.js";
import { type SampledRun, sampledEnvironments, sampledNames } from "./sampled.js";

/** What the seeds of one method on one world have in common. */
export interface MethodSummary {
  world: string;
  method: string;
  score: { mean: number };
  featureGap: number;
  epic: number;
}

/** A row a method, a column a world: score, feature gap and EPIC distance, each a mean over the seeds. */
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

/** How a method of the sampled comparison is called beside the others; the rest keep their names. */
const NAMES: Record<string, string> = {
  "max-margin": "apprenticeship, max-margin",
  projection: "apprenticeship, projection",
  network: "maxCausalEntIrl, network",
  "network-signed": "maxCausalEntIrl, network of signed numbers",
};

/** A row a method and who demonstrates, two columns an environment: scores, and feature gaps over the rounds. */
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
    `${env}: score, least`,
    "feature gap, first → last round",
  ]);
  return markdown([["method", ...head], ...rows]);
}

function sampledCells(runs: readonly SampledRun[]): string[] {
  if (runs.length === 0) return ["—", "—"];
  const of = (field: "score" | "firstGap" | "featureGap") => runs.map((run) => run[field]);
  const gaps = [mean(of("firstGap")), mean(of("featureGap"))];
  return [
    [mean(of("score")), Math.min(...of("score"))].map(twoDigits).join(", "),
    gaps.map((gap) => (gap < 0.005 ? "0" : gap.toPrecision(2))).join(" → "),
  ];
}

/** Behind the point, and no sign before zero. */
const twoDigits = (score: number) => (Math.abs(score) < 0.005 ? "0.00" : score.toFixed(2));
