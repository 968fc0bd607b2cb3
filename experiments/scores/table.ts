/** @file The results as the table of docs/evidence/reinforcement-learning.md. */

import { markdown } from "../lib/markdown.js";
import { meanSeconds, type ScoreResult } from "./result.js";

const COLUMNS = [
  "task",
  "algorithm",
  "steps",
  "seeds",
  "return (IQM, 95 %)",
  "of samples",
  "asked",
  "published",
  "minutes a seed",
];

/** The Markdown table, in the order of the results. */
export function scoreTable(results: readonly ScoreResult[]): string {
  const row = (result: ScoreResult) => {
    const { env, algorithm, steps, results: seeds, score, interval, stochasticScore } = result;
    const reached = score >= result.atLeast ? "" : " (not reached)";
    return [
      env,
      `\`${algorithm}\``,
      count(steps),
      String(seeds.length),
      `**${number(score)}**${seeds.length > 1 ? ` (${interval.map(number).join(" to ")})` : ""}`,
      number(stochasticScore),
      `${number(result.atLeast)}${reached}`,
      result.published === undefined ? "—" : number(result.published),
      number(Number((meanSeconds(result) / 60).toPrecision(2))),
    ];
  };
  return markdown([COLUMNS, ...results.map(row)]);
}

const number = (x: number): string =>
  (Math.abs(x) < 1000 ? String(Number(x.toPrecision(3))) : String(Math.round(x))).replace("-", "−");
const count = (x: number): string => (x >= 1e6 ? `${x / 1e6} M` : `${x / 1e3} k`);
