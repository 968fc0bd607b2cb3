/** @file The picture of docs/reference/environments/tabular.md: exact costs of random exploration and of cloning. */

import { deepSea } from "../../envs/tabular/deep-sea.js";
import { tightrope } from "../../envs/tabular/tightrope.js";
import { finiteHorizonEvaluate, policyReturn, uniformTable, valueIteration } from "../../src/mdp/index.js";
import { lineChart } from "../lib/line-chart.js";
import { sideBySide } from "../lib/side-by-side.js";

const EPSILON = 0.001;

/** Expected cost of a learner that errs with probability ε on the rope and `lost` on the ground. */
function cost(length: number, lost: number): number {
  const model = tightrope({ length, actions: 2 }).model!();
  const table = valueIteration(model).policy.map((p, k) => {
    const error = Math.floor(k / 2) < length ? EPSILON : lost;
    return p === 1 ? 1 - error : error;
  });
  return -policyReturn(model, finiteHorizonEvaluate(model, table, { horizon: length }));
}

/** Expected number of episodes until a random policy finds the treasure. */
function episodes(size: number): number {
  const model = deepSea({ size, moveCost: 0 }).model!();
  return 1 / policyReturn(model, finiteHorizonEvaluate(model, uniformTable(model), { horizon: size }));
}

const over = (xs: readonly number[], y: (x: number) => number) => xs.map((x): [number, number] => [x, y(x)]);

export async function pictures(): Promise<{ [name: string]: string }> {
  const lengths = [10, 20, 50, 100, 200, 500, 1000];
  const rope = lineChart({
    title: `Tightrope-v0: loss of a learner, ε = ${EPSILON}`,
    x: "horizon T (steps)",
    y: "loss of return",
    logarithmic: true,
    xTicks: [10, 100, 1000],
    yTicks: [0.01, 0.1, 1, 10, 100, 1000],
    lines: [
      { label: "bound ε T²", colour: "#57606a", dashed: true, points: over(lengths, (T) => EPSILON * T * T) },
      { label: "clone, which does not recover", colour: "#bf3989", points: over(lengths, (T) => cost(T, 1)) },
      {
        label: "learner that recovers",
        colour: "#1a7f37",
        points: over(lengths, (T) => cost(T, EPSILON)),
      },
    ],
  });
  const sizes = [2, 4, 6, 8, 10, 12];
  const sea = lineChart({
    title: "DeepSea-v0: episodes until the first reward",
    x: "size N",
    y: "episodes",
    xTicks: [2, 4, 6, 8, 10, 12],
    yTicks: [0, 1000, 2000, 3000, 4000, 5000],
    lines: [
      { label: "random actions: 2^N", colour: "#bf3989", points: over(sizes, episodes) },
      {
        label: "N² / 2: one visit per cell",
        colour: "#1a7f37",
        points: over(sizes, (N) => (N * N) / 2),
      },
    ],
  });
  return {
    "tabular.svg": sideBySide([{ svg: rope }, { svg: sea }]),
  };
}
