/** @file The results as the table of docs/evidence/reinforcement-learning.md. */

import { createRng, iqm, mean } from "../../index.js";
import { estimateOfRuns, LEAST_RUNS } from "../../src/diagnostics/index.js";
import { markdown } from "../lib/markdown.js";
import { meanSeconds, type ScoreResult } from "./result.js";

const COLUMNS = [
  "task",
  "algorithm",
  "steps",
  "seeds",
  "mode: over the seeds",
  "interval, or every seed",
  "sampled: over the seeds",
  "asked",
  "published",
  "minutes a seed",
];

/** The score over seeds: their interquartile mean, or the mean of fewer than {@link LEAST_RUNS}. */
export const overSeeds = (scores: readonly number[]): number =>
  scores.length < LEAST_RUNS ? mean(scores) : iqm(scores);

/** The bootstrap interval of the score over seeds, or the score of every seed. */
function spread(scores: readonly number[]): string {
  const rng = createRng("scores").stream("seeds");
  const { low, high } = estimateOfRuns(scores, { rng, statistic: iqm });
  return low === undefined || high === undefined
    ? scores.map(number).join(", ")
    : `[${number(low)}, ${number(high)}]`;
}

/** The Markdown table, in the order of the results. */
export function scoreTable(results: readonly ScoreResult[]): string {
  const row = (result: ScoreResult) => {
    const { env, algorithm, steps, results: seeds, atLeast, published } = result;
    const modes = seeds.map(({ deterministic }) => deterministic.mean);
    const sampled = seeds.map(({ stochastic }) => stochastic.mean);
    const score = overSeeds(modes);
    return [
      env,
      `\`${algorithm}\``,
      count(steps),
      String(seeds.length),
      `**${number(score)}**`,
      spread(modes),
      number(overSeeds(sampled)),
      `${number(atLeast)}${score >= atLeast ? "" : " (not reached)"}`,
      published === undefined ? "—" : number(published),
      number(Number((meanSeconds(result) / 60).toPrecision(2))),
    ];
  };
  return markdown([COLUMNS, ...results.map(row)]);
}

const number = (x: number): string =>
  (Math.abs(x) < 1000 ? String(Number(x.toPrecision(3))) : String(Math.round(x))).replace("-", "−");
const count = (x: number): string => (x >= 1e6 ? `${x / 1e6} M` : `${x / 1e3} k`);
