/** @file `compareRuns`: compares training runs of one environment, by one or several methods. */

import * as z from "zod";
import { resolveOptions } from "../config/options.js";
import { UsageError } from "../errors.js";
import type { RunsComparison } from "./comparison.js";

export const compareRunsSchema = z.strictObject({
  by: z
    .enum(["settings", "folder"])
    .default("settings")
    .describe(
      "what makes a group of seeds. settings: runs that differ in their seeds only; folder: the runs in a given folder",
    ),
  out: z
    .string()
    .min(1)
    .optional()
    .describe(
      "HTML file to write, with CSV and Markdown files beside it, or a folder for comparison.html; unset: none",
    ),
});

export type CompareRunsOptions = z.input<typeof compareRunsSchema>;

/**
 * Compares the runs in folders of runs and of seeds: the mean of each group of seeds at the end and over training, with
 * 95 % percentile bootstrap intervals over the seeds of groups of at least five. Only finished runs are in the final
 * values; `omitted` names the others. With `out`, also writes one page with the figure and the table, and their numbers (Node.js).
 *
 * @throws UsageError for a folder without a run, runs of different environments, or the same run twice in a group;
 * FormatError when a file is damaged, naming it
 */
export async function compareRuns(
  folders: readonly string[],
  given: CompareRunsOptions = {},
): Promise<RunsComparison> {
  const { by, out } = resolveOptions("compareRuns", compareRunsSchema, given);
  if (!Array.isArray(folders) || folders.length === 0) {
    throw new UsageError('compareRuns needs the folders of runs, such as ["runs/a", "runs/b"]');
  }
  // Imported on demand, so that browsers do not load modules of Node.js.
  const { readCompared, writeComparison } = await import("./comparison-records.js");
  const { comparison } = await import("./comparison.js");
  const { runs, omitted } = readCompared(folders);
  if (runs.length === 0) {
    throw new UsageError(
      `no run has started: ${omitted.map(({ folder, reason }) => `${folder} ${reason}`).join("; ")}`,
    );
  }
  const compared = comparison(runs, by);
  const whole = { ...compared, omitted: [...omitted, ...compared.omitted] };
  if (out !== undefined) await writeComparison(whole, runs, out);
  return whole;
}
