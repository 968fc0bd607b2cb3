/** @file Reads the runs that are compared from their folders, and writes the comparison (Node.js only). */

import { existsSync } from "node:fs";
import { basename, dirname, extname, join, normalize, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { environmentConfig } from "../env/source-options.js";
import { UsageError } from "../errors.js";
import { diskFolder } from "../state/files.js";
import { expertIds, expertInfo } from "../zoo/experts.js";
import type { ComparedRun, OmittedRun, RunsComparison } from "./comparison.js";
import { comparisonCsv, comparisonMarkdown, comparisonReport, curvesCsv } from "./comparison-report.js";
import { type Provenance, provenance, type RecordedProvenance } from "./provenance.js";
import { ARTEFACT_FILE, POLICY_FILE } from "./run-folder.js";
import { readRun } from "./run-records.js";
import { readSummary } from "./seeds-summary.js";

/**
 * The runs in folders of runs and of seeds. Seeds that failed or have not started are named.
 *
 * @throws UsageError for a folder without a run, and one that is given twice; FormatError when a file in it is damaged
 */
export function readCompared(folders: readonly string[]): { runs: ComparedRun[]; omitted: OmittedRun[] } {
  const given = folders.map((folder) => normalize(folder).replace(/(?<=.)[/\\]+$/, ""));
  const places = given.map((folder) => resolve(folder));
  const twice = given.find((_, i) => places.indexOf(places[i]) < i);
  if (twice !== undefined) throw new UsageError(`${twice} is given twice`);
  const omitted: OmittedRun[] = [];
  const runs = given.flatMap((from) => {
    const seeds = readSummary(from)?.seeds;
    if (!seeds) return [readOne(from, from)];
    return seeds.flatMap((seed) => {
      const folder = join(from, seed.folder);
      if (seed.status === "failed") omitted.push({ folder, reason: `failed: ${seed.error}` });
      else if (existsSync(join(folder, "config.json"))) return [readOne(folder, from)];
      else omitted.push({ folder, reason: "unfinished: it has not started" });
      return [];
    });
  });
  return { runs, omitted };
}

function readOne(folder: string, from: string): ComparedRun {
  if (!existsSync(join(folder, "config.json"))) {
    throw new UsageError(
      `there is no run in ${folder}: it has neither config.json, as a run has, nor summary.json, as several seeds have`,
    );
  }
  const { config, metrics, evaluations, provenance } = readRun(folder);
  const isSaved = [POLICY_FILE, ARTEFACT_FILE].some((name) => existsSync(join(folder, name)));
  const isLong = (metrics.at(-1)?.steps ?? 0) >= config.steps;
  const { ended } = provenance as Partial<RecordedProvenance>;
  return {
    folder,
    from,
    config,
    metrics,
    evaluations,
    isFinished: isSaved && (isLong || ended === "finished"),
  };
}

/** The expert of the package for the environment, as a line in the figure. */
async function expertOf(
  { env, measure }: RunsComparison,
  [{ config }]: readonly ComparedRun[],
): Promise<number | undefined> {
  if (measure !== "evaluation" && measure !== "return") return undefined;
  if (config.env !== env || !(await expertIds()).includes(env)) return undefined;
  // The expert was trained and evaluated with the default options.
  if (!isDeepStrictEqual(config.environmentOptions, environmentConfig(env, {}))) return undefined;
  return (await expertInfo(env)).evaluation.deterministic.mean;
}

/** The files of a comparison. */
export interface ComparisonFiles {
  html: string;
  csv: string;
  curves: string;
  markdown: string;
}

/** The paths of the files for `out`: an HTML file, beside which the others are written, or a folder. */
export function comparisonFiles(out: string): ComparisonFiles {
  const isFile = extname(out) === ".html";
  const stem = isFile ? join(dirname(out), basename(out, ".html")) : join(out, "comparison");
  return { html: `${stem}.html`, csv: `${stem}.csv`, curves: `${stem}-curves.csv`, markdown: `${stem}.md` };
}

/** Writes the page, the tables and the curves. @throws Error with the path of a file that cannot be written */
export async function writeComparison(
  compared: RunsComparison,
  runs: readonly ComparedRun[],
  out: string,
): Promise<ComparisonFiles> {
  // Charts load slowly, so they are imported on demand.
  const { renderReport } = await import("../report/index.js");
  const { seed: _, ...origin }: Provenance = await provenance(0);
  const report = comparisonReport(compared, { expert: await expertOf(compared, runs), provenance: origin });
  const files = comparisonFiles(out);
  const content: Record<keyof ComparisonFiles, string> = {
    html: renderReport(report),
    csv: comparisonCsv(compared),
    curves: curvesCsv(compared),
    markdown: comparisonMarkdown(compared),
  };
  for (const [kind, path] of Object.entries(files)) {
    await diskFolder(dirname(path)).write(
      basename(path),
      new TextEncoder().encode(content[kind as keyof ComparisonFiles]),
    );
  }
  return files;
}
