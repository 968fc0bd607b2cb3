/** @file The table of docs/evidence/experts.md, from the descriptions of the experts. */

import { formatEstimate, formatNumber } from "../../src/report/format.js";
import type { ExpertInfo } from "../../src/runs/index.js";
import { markdown } from "../lib/markdown.js";

/** A Markdown table with one row per expert. */
export function expertTable(infos: readonly ExpertInfo[]): string {
  const rows = infos.map(({ id, algorithm, seed, steps, evaluation, file }) => {
    const { deterministic, stochastic } = evaluation;
    const [low, high] = deterministic.interval;
    const mode = formatEstimate({ value: deterministic.mean, low, high });
    const cells = [formatNumber(steps), mode, formatNumber(deterministic.std), formatNumber(stochastic.mean)];
    return [id, `${algorithm}, seed ${seed}`, ...cells, `${Math.ceil(file.bytes / 1000)} kB`];
  });
  const header = ["expert", "trained by", "steps", "mean return [95 %]", "std", "sampled", "size"];
  const alignment = ["---", "---", "---:", "---:", "---:", "---:", "---:"];
  return markdown([header, ...rows], alignment);
}
