/** @file Learning curves, one panel per environment: faint curves of the seeds, and their score over seeds. */

import { type Curve, type Panel, panels } from "../lib/panels.js";
import type { ScoreResult } from "./result.js";
import { overSeeds } from "./table.js";

const COLOURS: Record<string, string> = { ppo: "#0969da", sac: "#bc4c00", dqn: "#1a7f37", a2c: "#8250df" };

/** An SVG of the curves. The dashed line is the highest target score of any algorithm in the environment. */
export function scoreCurves(results: readonly ScoreResult[]): Promise<string> {
  const tasks = [...new Set(results.map(({ env }) => env))];
  const shown = tasks.map((env): Panel => {
    const here = results.filter((result) => result.env === env);
    return {
      title: env,
      x: "environment steps",
      y: "return",
      xScale: "linear",
      yScale: { type: "linear" },
      reference: Math.max(...here.map(({ atLeast }) => atLeast)),
      curves: here.flatMap(curvesOf),
    };
  });
  return panels(shown, 3);
}

function curvesOf({ algorithm, results }: ScoreResult): Curve[] {
  const look = { name: algorithm, colour: COLOURS[algorithm] };
  const seeds = results.map(({ curve }) => curve);
  const middle = seeds[0].map(([x], k) => ({ x, y: overSeeds(seeds.map((curve) => curve[k][1])) }));
  return [
    ...seeds.map((curve) => ({ ...look, faint: true, points: curve.map(([x, y]) => ({ x, y })) })),
    { ...look, points: middle },
  ];
}
