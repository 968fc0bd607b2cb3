/** @file The table of docs/experts.md, made of what is on record beside the experts. */

import type { ExpertInfo } from "../../src/experiment/index.js";
import { formatEstimate, formatNumber } from "../../src/experiment/report/format.js";

const BEGIN = "<!-- experts: written by experiments/experts.ts -->";
const END = "<!-- end of experts -->";

/** The page with its table made anew. */
export function withTable(page: string, infos: readonly ExpertInfo[]): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`the page has no lines ${BEGIN} and ${END}`);
  return `${before}${BEGIN}\n\n${tableOf(infos)}\n\n${END}${after}`;
}

function tableOf(infos: readonly ExpertInfo[]): string {
  const rows = infos.map(({ id, algorithm, seed, steps, evaluation, file }) => {
    const { deterministic, stochastic } = evaluation;
    const [low, high] = deterministic.interval;
    const mode = formatEstimate({ value: deterministic.mean, low, high });
    const cells = [formatNumber(steps), mode, formatNumber(deterministic.std), formatNumber(stochastic.mean)];
    return [id, `${algorithm}, seed ${seed}`, ...cells, `${Math.ceil(file.bytes / 1000)} kB`];
  });
  const header = ["expert", "trained by", "steps", "mean return [95 %]", "std", "sampled", "size"];
  const alignment = ["---", "---", "---:", "---:", "---:", "---:", "---:"];
  return [header, alignment, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
