/** @file A comparison of runs as a report, as Markdown and as CSV. Pure functions of the comparison. */

import { LEAST_RUNS } from "../diagnostics/statistics.js";
import { formatCell, formatEstimate, formatNumber } from "../report/format.js";
import type { Cell, Report, Section, TableSection } from "../report/types.js";
import { csvLine } from "../state/csv.js";
import type { ComparedGroup, RunsComparison } from "./comparison.js";

interface ReportOptions {
  /** The mean return of the environment's expert, if it is known. */
  expert?: number;
  provenance: object & { command: string[] };
}

export function comparisonReport(compared: RunsComparison, { expert, provenance }: ReportOptions): Report {
  const { env, groups, omitted } = compared;
  const sections: Section[] = [...curvesOf(compared, expert), tableOf(compared)];
  if (omitted.length > 0) {
    sections.push({
      kind: "table",
      title: "Left out",
      reading: `${omitted.length} ${omitted.length === 1 ? "run has" : "runs have"} no part in the final values.`,
      columns: [{ label: "Run" }, { label: "Reason" }],
      rows: omitted.map(({ folder, reason }) => [folder, reason]),
    });
  }
  return {
    title: `Comparison on ${env}`,
    subtitle: groups.map(({ name }) => name).join(" · "),
    summary: [sentence(compared)],
    sections,
    commands: [provenance.command.join(" ")],
    provenance: { ...provenance },
  };
}

/** The measure in words. */
function meaningOf(measure: string | undefined): string {
  if (measure === "evaluation") return "mean return of the last evaluation";
  if (measure === "return") return "mean return of the last training episodes";
  return measure === undefined ? "measure" : `last ${measure}`;
}

/** The result in a sentence. */
function sentence({ groups, measure }: RunsComparison): string {
  const known = groups.filter(({ final }) => final !== undefined);
  if (known.length === 0) {
    return "There is nothing to compare yet: no finished run has measured what the others measure.";
  }
  const each = known.map(({ name, final, seeds }) => {
    return `${name}: ${formatEstimate(final!)} (${seeds.length} ${seeds.length === 1 ? "seed" : "seeds"})`;
  });
  return `${capitalised(meaningOf(measure))}, over the seeds: ${each.join("; ")}.`;
}

/** How intervals over seeds come about. */
const INTERVALS = `with its 95 % percentile bootstrap interval for at least ${LEAST_RUNS} seeds`;

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** One figure, or one for each unit of steps: updates and environment steps have no common axis. */
function curvesOf({ groups, measure }: RunsComparison, expert: number | undefined): Section[] {
  const drawn = groups.filter(({ curve }) => curve.length > 0);
  const units = [...new Set(drawn.map(({ unit }) => unit))];
  return units.map((unit) => {
    const series = drawn.filter((group) => group.unit === unit);
    const ends = series.map(({ name, curve }) => `${name} ${formatNumber(curve.at(-1)!.y)}`);
    return {
      kind: "curves",
      title: units.length === 1 ? "Learning curves" : `Learning curves over ${unit}`,
      reading: `At the end of the curves: ${ends.join(", ")}.`,
      caption:
        `${measure === "evaluation" ? "Mean returns in fresh environments" : "Measured during training"}: ` +
        `mean over the seeds, ${INTERVALS}. Grey: single seeds where they are fewer.`,
      xLabel: unit,
      yLabel: measure === "evaluation" ? "return of an episode" : measure!,
      series: [
        ...series.flatMap(({ name, seeds, seedCurves }) =>
          seedCurves.map((points, i) => ({ name: `${name}, seed ${seeds[i] ?? i}`, faint: true, points })),
        ),
        ...series.map(({ name, curve }) => ({ name, points: curve })),
      ],
      references: expert === undefined ? [] : [{ y: expert, label: "expert of the package" }],
    };
  });
}

/** The values of a group's seeds where they are too few for an interval. */
const fewValues = ({ values }: ComparedGroup): Cell =>
  values.length > 1 && values.length < LEAST_RUNS
    ? values.map((value) => formatNumber(value)).join(", ")
    : "";

/** The table, in the same words and digits on the page and in Markdown. */
function tableOf({ groups, measure }: RunsComparison): TableSection {
  const hasScores = groups.some(({ score }) => score !== undefined);
  const hasFew = groups.some((group) => fewValues(group) !== "");
  const columns = [
    "method",
    meaningOf(measure),
    ...(hasFew ? ["of each seed"] : []),
    ...(hasScores ? ["score"] : []),
    "seeds",
    "steps",
    "unit",
  ];
  return {
    kind: "table",
    title: "At the end",
    reading: "Finished runs only.",
    caption:
      `Mean over the seeds, ${INTERVALS}; of fewer seeds, each is shown.` +
      (hasScores ? " Score: 0 is the random policy, 1 is the expert." : ""),
    columns: columns.map((label) => ({ label, ...(label === "unit" && { align: "left" as const }) })),
    rows: groups.map((group): Cell[] => [
      group.name,
      group.final,
      ...(hasFew ? [fewValues(group)] : []),
      ...(hasScores ? [group.score] : []),
      group.seeds.length,
      group.steps,
      group.unit,
    ]),
  };
}

/** The table as Markdown, with what was not compared. */
export function comparisonMarkdown(compared: RunsComparison): string {
  const { columns, rows, caption } = tableOf(compared);
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const lines = [
    `# Comparison on ${compared.env}`,
    "",
    sentence(compared),
    "",
    line(columns.map(({ label }) => label)),
    line(columns.map(() => "---")),
    ...rows.map((row) => line(columns.map((column, i) => formatCell(row[i], column)))),
    "",
    caption!,
    ...compared.omitted.flatMap(({ folder, reason }) => ["", `Left out: ${folder}: ${reason}.`]),
  ];
  return `${lines.join("\n")}\n`;
}

/** The table as CSV, in full precision; a row for each group, its values separated by spaces. */
export function comparisonCsv({ env, measure, groups }: RunsComparison): string {
  const rows = groups.map((group) => {
    const { name, algorithm, final, score, seeds, values, steps, unit, folders } = group;
    return {
      method: name,
      algorithm,
      environment: env,
      measure,
      mean: final?.value,
      low: final?.low,
      high: final?.high,
      score: score?.value,
      score_low: score?.low,
      score_high: score?.high,
      seeds: seeds.length,
      steps,
      unit,
      values: seeds.map((seed, i) => `${seed}:${values[i] ?? ""}`).join(" "),
      folders: folders.join(" "),
    };
  });
  return csv(rows);
}

/** The points of the curves as CSV, in full precision. */
export const curvesCsv = ({ groups }: RunsComparison): string =>
  csv(
    groups.flatMap(({ name, unit, curve }) =>
      curve.map(({ x, y, low, high }) => ({ method: name, unit, steps: x, mean: y, low, high })),
    ),
    ["method", "unit", "steps", "mean", "low", "high"],
  );

/** Rows as comma-separated values (RFC 4180). */
function csv(
  rows: Record<string, string | number | undefined>[],
  names = Object.keys(rows[0] ?? {}),
): string {
  return [names, ...rows.map((row) => names.map((name) => row[name]))]
    .map((cells) => `${csvLine(cells)}\n`)
    .join("");
}
