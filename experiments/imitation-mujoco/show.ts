/** @file Shows the scores of the MuJoCo comparison as a picture and as a Markdown table. */

import { mean } from "../../index.js";
import { LEAST_RUNS } from "../../src/diagnostics/index.js";
import { markdown } from "../lib/markdown.js";
import { type Panel, panels, rangeAt } from "../lib/panels.js";
import { COUNTS, type MujocoRun, methods, TASKS } from "./runs.js";

const LOOKS: Record<string, { name: string; colour: string }> = {
  bc: { name: "behaviour cloning", colour: "#cf222e" },
  dagger: { name: "DAgger", colour: "#1a7f37" },
  gail: { name: "GAIL", colour: "#0969da" },
  airl: { name: "AIRL", colour: "#8250df" },
};

/** One panel per environment: mean and range of scores over seeds against number of trajectories. */
export function picture(runs: readonly MujocoRun[]): Promise<string> {
  const shown = TASKS.flatMap((env): Panel[] => {
    const curves = Object.entries(LOOKS).flatMap(([method, look]) => {
      const own = cells(runs, env, method);
      return own.length > 0 ? [{ ...look, points: own.map(({ n, scores }) => rangeAt(n, scores)) }] : [];
    });
    if (curves.length === 0) return [];
    return [
      {
        title: env,
        x: "trajectories (or equally many labels)",
        y: "normalised score",
        yScale: { type: "linear" },
        from: 0,
        reference: 1,
        curves,
      },
    ];
  });
  return panels(shown, 2);
}

/** A table with environments and methods as rows and numbers of trajectories as columns; see `cellOf` for the cells. */
export function scoreTable(runs: readonly MujocoRun[]): string {
  const rows = TASKS.flatMap((env) => {
    const there = runs.filter((run) => run.env === env);
    if (there.length === 0) return [];
    const task = `${env} (${mean(there.map(({ expert }) => expert)).toFixed(0)})`;
    return Object.keys(methods).map((method, i) => {
      const own = cells(runs, env, method);
      const scores = COUNTS.map((n) => own.find((cell) => cell.n === n)?.scores ?? []);
      return [i === 0 ? task : "", LOOKS[method].name, ...scores.map(cellOf)];
    });
  });
  const head = [
    "task (the expert's return)",
    "method",
    ...COUNTS.map((n) => `${n} ${n === 1 ? "trajectory" : "trajectories"}`),
  ];
  return markdown([head, ...rows]);
}

/** The mean over seeds with a mark for fewer than three, and every seed or the range of many, if they differ visibly. */
export function cellOf(scores: readonly number[]): string {
  if (scores.length === 0) return "—";
  const texts = scores.toSorted((a, b) => a - b).map((score) => score.toFixed(2));
  const [low, high] = [texts[0], texts[texts.length - 1]];
  const spread = scores.length < LEAST_RUNS ? texts.join(", ") : `${low}–${high}`;
  return `${mean(scores).toFixed(2)}${["", "¹", "²"][scores.length] ?? ""}${low === high ? "" : ` (${spread})`}`;
}

function cells(runs: readonly MujocoRun[], env: string, method: string) {
  const own = runs.filter((run) => run.env === env && run.method === method);
  return COUNTS.flatMap((n) => {
    const scores = own.filter((run) => run.demonstrations === n).map(({ score }) => score);
    return scores.length > 0 ? [{ n, scores }] : [];
  });
}
