/** @file Pictures and printed tables of the results of experiments/imitation.ts. */

import { createRng, mean } from "../../index.js";
import { estimateOfRuns } from "../../src/diagnostics/index.js";
import { type Curve, type Panel, panels } from "../lib/panels.js";
import { type HorizonRun, logSlope } from "./horizon.js";
import { methods } from "./methods.js";
import { CONTROL, type GapRun, TABULAR } from "./worlds.js";

/** Mean over seeds at each x, with its bootstrap interval if there are enough. */
function curveOf(
  look: Pick<Curve, "name" | "colour" | "dashed">,
  points: readonly (readonly [x: number, y: number])[],
): Curve {
  const xs = [...new Set(points.map(([x]) => x))].sort((a, b) => a - b);
  return {
    ...look,
    points: xs.map((x) => {
      const values = points.filter(([other]) => other === x).map(([, y]) => y);
      const { value, ...ends } = estimateOfRuns(values, { rng: createRng("intervals") });
      return { x, y: value, ...ends };
    }),
  };
}

/** One panel per environment: gap against number of demonstrations, for every method with results there. */
export async function gapPicture(
  runs: readonly GapRun[],
  envs: readonly string[],
  shownMethods: readonly string[] = Object.keys(methods),
): Promise<string | undefined> {
  const shown = envs.flatMap((env): Panel[] => {
    const here = runs.filter((run) => run.env === env);
    if (here.length === 0) return [];
    const exact = TABULAR.includes(env);
    const curves = shownMethods.flatMap((method) => {
      const { name, colour } = methods[method];
      const own = here.filter((run) => run.method === method);
      if (own.length === 0) return [];
      return [
        curveOf(
          { name, colour },
          own.map((run) => [run.demonstrations, run.gap]),
        ),
      ];
    });
    // The axis is linear for gaps that are small compared with the expert's value.
    const constant = 0.01 * Math.abs(here[0].expert);
    return [
      {
        title: env,
        x: "demonstrations (or equally many labels)",
        y: exact ? "J(expert) − J(learner)" : "gap in return (expert − learner)",
        yScale: { type: "symlog", constant },
        curves,
      },
    ];
  });
  return shown.length > 0 ? panels(shown, 2) : undefined;
}

/** Gap and bound against horizon, on logarithmic axes. */
export async function horizonPicture(runs: readonly HorizonRun[]): Promise<string> {
  const of = (method: string, field: "gap" | "bound") =>
    runs.filter((run) => run.method === method).map((run) => [run.horizon, run[field]] as const);
  const slope = (points: readonly (readonly [number, number])[]) =>
    logSlope(curveOf({ name: "", colour: "" }, points).points.map(({ x, y }) => [x, y])).toFixed(2);
  const curves = [
    curveOf({ name: "bound for behaviour cloning", colour: "#57606a", dashed: true }, of("bc", "bound")),
    curveOf(
      { name: `behaviour cloning, slope ${slope(of("bc", "gap"))}`, colour: "#cf222e" },
      of("bc", "gap"),
    ),
    curveOf({ name: `DAgger, slope ${slope(of("dagger", "gap"))}`, colour: "#1a7f37" }, of("dagger", "gap")),
  ];
  const panel: Panel = {
    title: "Tightrope-v0 (γ = 1 − 1/T): gap by horizon",
    x: "horizon T (steps)",
    y: "J(expert) − J(learner)",
    yScale: { type: "log" },
    curves,
  };
  return panels([panel], 1);
}

/** One line per environment and method: mean gaps by number of demonstrations, and the largest ratio of gap to bound. */
export function gapTable(runs: readonly GapRun[]): string[] {
  const groups = new Map<string, GapRun[]>();
  for (const run of runs) {
    const key = `${run.env} ${run.method}`;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups].map(([key, group]) => {
    const counts = [...new Set(group.map((run) => run.demonstrations))].sort((a, b) => a - b);
    const gaps = counts.map((n) => {
      const own = group.filter((run) => run.demonstrations === n);
      return `${n}: ${mean(own.map((run) => run.gap)).toPrecision(3)} (${own.length})`;
    });
    const tightness = group.flatMap(({ gap, bound }) => (bound ? [gap / bound] : []));
    const nearest =
      tightness.length > 0 ? `; gap / bound at most ${Math.max(...tightness).toPrecision(2)}` : "";
    return `${key}: ${gaps.join(", ")}${nearest}`;
  });
}

export const environments = [...TABULAR, ...CONTROL];
