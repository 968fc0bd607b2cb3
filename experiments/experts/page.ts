/** @file The table of docs/evidence/experts.md, from the descriptions of the experts. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { formatEstimate, formatNumber } from "../../src/report/format.js";
import type { ExpertInfo } from "../../src/runs/index.js";
import { markdown } from "../lib/markdown.js";
import type { ScoreResult } from "../scores/result.js";

/** The scores of an algorithm's seeds in an environment, as experiments/scores.ts has them; undefined without any. */
type ScoresOf = (algorithm: string, env: string) => Pick<ScoreResult, "results"> | undefined;

/** The committed scores, from the root of the repository. */
const committedScores: ScoresOf = (algorithm, env) => {
  const path = join("experiments", "results", "scores", `${algorithm}-${env}.json`);
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
};

/** A Markdown table with one row per expert. */
export function expertTable(infos: readonly ExpertInfo[], scoresOf: ScoresOf = committedScores): string {
  const rows = infos.map(({ id, algorithm, seed, steps, evaluation, file }) => {
    const { deterministic, stochastic } = evaluation;
    const [low, high] = deterministic.interval;
    const mode = formatEstimate({ value: deterministic.mean, low, high });
    const cells = [formatNumber(steps), mode, formatNumber(deterministic.std), formatNumber(stochastic.mean)];
    const among = rank(seed, scoresOf(algorithm, id)?.results ?? []);
    return [id, `${algorithm}, seed ${seed}`, among, ...cells, `${Math.ceil(file.bytes / 1000)} kB`];
  });
  const header = [
    "expert",
    "trained by",
    "rank among seeds",
    "steps",
    "mode [95 %]",
    "std",
    "sampled",
    "size",
  ];
  const alignment = ["---", "---", "---", "---:", "---:", "---:", "---:", "---:"];
  return markdown([header, ...rows], alignment);
}

/** The place of a seed's mode among all seeds of its training, 1 for the best. */
function rank(seed: number | string, results: ScoreResult["results"]): string {
  const own = results.find((result) => result.seed === seed)?.deterministic.mean;
  if (own === undefined) return "—";
  const means = results.map(({ deterministic }) => deterministic.mean);
  if (means.every((mean) => mean === own)) return `all ${means.length} equal`;
  return `${1 + means.filter((mean) => mean > own).length} of ${means.length}`;
}
