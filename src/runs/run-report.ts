/** @file The report of one training run, from the records in its folder. */

import type { LearnedReward } from "../../algorithms/irl/shared/contract.js";
import { isDataId } from "../env/data-set.js";
import { gridPanel } from "../report/diagnostics-sections.js";
import { formatEstimate, formatNumber } from "../report/format.js";
import { recordRows } from "../report/tables.js";
import type { CurvesSection, Report, Section } from "../report/types.js";
import type { Row } from "./sinks/sink.js";
import { nameOf, type RunConfig, sourceName } from "./spec.js";

/** The parsed content of a run folder. */
export interface RunRecords {
  config: RunConfig;
  provenance: Record<string, unknown>;
  /** Rows of `metrics.jsonl` and `evaluations.jsonl`, in order of `steps`. */
  metrics: Row[];
  evaluations: Row[];
  /** The learnt reward of inverse RL; with a grid it is drawn. */
  reward?: LearnedReward;
  /** Sections about the distance of the policy from an expert: see `exactSections` and `sampledSections`. */
  diagnostics?: Section[];
}

/** Headline metrics, in order of preference. The first one present is drawn large. */
const headlineMetrics = ["return", "value", "accuracy", "loss"];
/** Columns of every run that are not measures of learning. */
const bookkeeping = new Set(["steps", "seconds", "episodes", "diagnosticSteps"]);
/** The columns of the runner's evaluations; other columns are the user's own measures. */
const evaluationColumns = new Set([...bookkeeping, "mean", "std", "iqm", "low", "high", "length", "trials"]);
/** Smallest number of evaluations drawn as a curve; fewer are shown in a table. */
const fewestForCurve = 3;

/** "explainedVariance" as words: "explained variance"; "returnEpisode1": "return episode 1". */
const words = (name: string) =>
  name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .replace(/\bepisode(\d)/, "episode $1")
    .replace(/^nmi$/, "NMI of inferred and true clusters");

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * The mean of the finite values in a window centred at each row and truncated at the ends; NaN without finite values.
 *
 * @param window width in rows, odd
 */
export function movingAverage(values: number[], window: number): number[] {
  const half = (window - 1) / 2;
  const sums = new Float64Array(values.length + 1);
  const counts = new Int32Array(values.length + 1);
  values.forEach((value, i) => {
    const finite = Number.isFinite(value);
    sums[i + 1] = sums[i] + (finite ? value : 0);
    counts[i + 1] = counts[i] + Number(finite);
  });
  return values.map((_, i) => {
    const from = Math.max(0, i - half);
    const to = Math.min(values.length, i + half + 1);
    return (sums[to] - sums[from]) / (counts[to] - counts[from]);
  });
}

/** A chart of one metric over a run: raw values in grey under their moving average. */
function metricCurves(rows: Row[], name: string, unit: string, compact: boolean): CurvesSection {
  const present = rows.filter((row) => row[name] !== undefined);
  const values = present.map((row) => row[name]);
  const window = 2 * Math.floor(values.length / 50) + 1;
  const averages = movingAverage(values, window);
  const curve = (ys: number[]) => present.map(({ steps }, i) => ({ x: steps, y: ys[i] }));
  const average = { name: `moving average of ${window}`, points: curve(averages) };
  const [first, last] = [averages[0], averages[averages.length - 1]].map((value) => formatNumber(value));
  return {
    kind: "curves",
    title: capitalised(words(name)),
    reading: values.length > 1 ? `From ${first} to ${last}.` : `${last}.`,
    xLabel: unit,
    yLabel: compact ? "" : words(name),
    compact,
    series:
      window > 1
        ? [{ name: "each iteration", faint: true, points: curve(values) }, average]
        : [{ ...average, name: words(name) }],
  };
}

/** What an evaluation measures: an episode or, of a learner with test tasks, the last of a trial. */
const evaluated = (row: Row) => (row.trials === undefined ? "an episode" : "the last episode of a trial");

const estimateOf = ({ mean, low, high }: Row) => ({ value: mean, low, high });

function evaluationSection(evaluations: Row[], unit: string): Section {
  const title = "Evaluation";
  const last = evaluations[evaluations.length - 1];
  const byTrials = last.trials !== undefined;
  const reading = `At the end ${evaluated(last)} returns ${formatEstimate(estimateOf(last))} on average.`;
  const caption = byTrials
    ? `Mean return of the last episode of ${formatNumber(last.trials)} trials, one of each test task, with 95 % bootstrap intervals.`
    : `Mean return of ${formatNumber(last.episodes)} episodes in fresh environments, with 95 % bootstrap intervals.`;
  if (evaluations.length >= fewestForCurve) {
    const points = evaluations.map((row) => ({ x: row.steps, y: row.mean, low: row.low, high: row.high }));
    const series = [{ name: "mean return", points }];
    return { kind: "curves", title, reading, caption, xLabel: unit, yLabel: "return of an episode", series };
  }
  const labels = [unit, "mean", "standard deviation", "interquartile mean"];
  if (!byTrials) labels.push("episode length");
  const rows = evaluations.map((row) => [
    row.steps,
    estimateOf(row),
    row.std,
    row.iqm,
    ...(byTrials ? [] : [row.length]),
  ]);
  return { kind: "table", title, reading, caption, columns: labels.map((label) => ({ label })), rows };
}

/** The map of a learnt reward on a grid: of a state, or of the best action in it. */
function rewardMap(reward: LearnedReward | undefined): Section[] {
  const { grid, table } = reward ?? {};
  if (!grid || !table) return [];
  const states = grid.cells.length;
  const actions = table.length / states;
  const best = Array.from({ length: states }, (_, s) =>
    Math.max(...table.subarray(s * actions, (s + 1) * actions)),
  );
  return [
    {
      kind: "heatmap",
      title: "The learnt reward",
      reading: "The stronger the colour of a cell, the larger the reward of it.",
      unit: "learnt reward",
      panels: [gridPanel("learnt reward", { states, grid }, best)],
      caption:
        actions > 1 ? "The reward of the best action in each state." : "The reward of entering each state.",
    },
  ];
}

/** Whether the last iteration had converged, for algorithms that say so. */
function convergence({ metrics }: RunRecords): string[] {
  const { converged, gradientNorm, steps } = metrics.at(-1) ?? ({} as Row);
  if (converged === undefined) return [];
  const found = `the norm of the gradient is ${formatNumber(gradientNorm)}`;
  return [
    converged === 1
      ? `Converged in ${steps} rounds: ${found}.`
      : `Not converged after ${steps} rounds: ${found}.`,
  ];
}

const NO_RETURN =
  "The run has a data set and no environment: the policy has not acted, so that its return is not known.";

/** The summary of the results, in one or two sentences. */
function summarise(records: RunRecords, best: Row | undefined): string[] {
  const { config, metrics, evaluations } = records;
  if (metrics.length === 0) return ["The run has no metrics yet."];
  const last = evaluations[evaluations.length - 1];
  if (!last || !best) {
    const headline = headlineMetrics.find((name) => metrics.some((row) => row[name] !== undefined));
    const row = metrics.findLast((candidate) => headline !== undefined && candidate[headline] !== undefined);
    const found = headline && row ? ` The last ${words(headline)} is ${formatNumber(row[headline])}.` : "";
    const what =
      config.data !== undefined
        ? ""
        : isDataId(config.env)
          ? NO_RETURN
          : "The policy was not evaluated during the run.";
    return [`${what}${found}`.trim()].filter((sentence) => sentence !== "");
  }
  const sample =
    last.trials === undefined
      ? `${formatNumber(last.episodes)} episodes`
      : `${formatNumber(last.trials)} trials of test tasks`;
  const end = `After ${formatNumber(last.steps)} ${config.unit} ${evaluated(last)} of ${sourceName(config)} returns ${formatEstimate(estimateOf(last))} on average, over ${sample}.`;
  const peak = `The best evaluation was ${formatEstimate(estimateOf(best))}, after ${formatNumber(best.steps)}.`;
  return [best.mean === last.mean ? end : `${end} ${peak}`];
}

/** A command's words, quoted for a shell. */
function shellCommand(command: readonly string[]): string {
  return command
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(" ");
}

/** The rows of evaluations, split into returns and other measures. */
const isEvaluation = (row: Row) => row.mean !== undefined;

/** The report of a run, which may have just begun. A pure function of its records. */
export function runReport(records: RunRecords): Report {
  const { config, provenance, metrics, evaluations: rows, diagnostics = [], reward } = records;
  const { seed, unit } = config;
  const evaluations = rows.filter(isEvaluation);
  const last = metrics[metrics.length - 1];
  const best = evaluations.reduce<Row | undefined>((a, b) => (a && a.mean >= b.mean ? a : b), undefined);
  const names = [...new Set(metrics.flatMap((row) => Object.keys(row)))].filter(
    (name) => !bookkeeping.has(name),
  );
  const headline = headlineMetrics.find((name) => names.includes(name));
  const others = names.filter((name) => name !== headline);
  const measured = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter(
    (name) => !evaluationColumns.has(name),
  );
  const sections: Section[] = [
    ...(best ? [evaluationSection(evaluations, unit)] : []),
    ...(headline ? [metricCurves(metrics, headline, unit, false)] : []),
    ...rewardMap(reward),
    ...diagnostics,
    ...measured.map((name) => metricCurves(rows, name, unit, true)),
  ];
  if (others.length > 0) {
    sections.push({
      kind: "text",
      title: "Training metrics",
      reading:
        "Grey: values of each iteration. Coloured line: moving average. Below each name: first and last average.",
      paragraphs: [],
    });
    sections.push(...others.map((name) => metricCurves(metrics, name, unit, true)));
  }
  sections.push({
    kind: "table",
    title: "Settings",
    reading: "All options of the run, including defaults.",
    columns: [{ label: "Option" }, { label: "Value", align: "left" }],
    rows: recordRows({ ...config }),
  });
  const finalReturn = evaluations.length > 0 ? evaluations[evaluations.length - 1].mean : last?.return;
  const highlights = [
    { label: "return at the end", value: formatNumber(finalReturn) },
    { label: unit, value: formatNumber(last?.steps ?? 0) },
    { label: "seconds", value: formatNumber(last?.seconds ?? 0) },
    { label: `${unit} a second`, value: formatNumber(last && last.steps / last.seconds) },
  ];
  const { command } = provenance;
  return {
    title: `${nameOf(config.algorithm)} on ${sourceName(config)}`,
    subtitle: `Seed ${seed}`,
    summary: [...summarise({ ...records, evaluations }, best), ...convergence(records)],
    highlights: last ? highlights.filter(({ value }) => value !== "n/a") : [],
    sections,
    commands: Array.isArray(command) ? [shellCommand(command)] : [],
    provenance,
  };
}
