/**
 * @file What the weight 1 − p of the loss of direct preference optimisation does: the log-odds of one of two actions,
 * after steps of size 1 down the losses, with a uniform reference and β = 1.
 */

import { lineChart } from "../lib/line-chart.js";

const STEPS = [1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000];
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** The log-odds after each number of steps. @param slope the step at a log-odds */
function path(slope: (x: number) => number): [number, number][] {
  const points: [number, number][] = [];
  let x = 0;
  for (let step = 1; step <= STEPS[STEPS.length - 1]; step++) {
    x += slope(x);
    if (STEPS.includes(step)) points.push([step, x]);
  }
  return points;
}

export const weightPicture = (): string =>
  lineChart({
    title: "3 answers for an action, 1 against it",
    x: "steps",
    y: "log-odds of the action",
    logarithmic: true,
    xTicks: [1, 10, 100, 1000],
    yTicks: [0.1, 1, 10, 100, 1000],
    lines: [
      { label: "without the weight", colour: "#cf222e", points: path(() => 0.75 - 0.25) },
      {
        label: "all 4 answers for it",
        colour: "#9a6700",
        dashed: true,
        points: path((x) => sigmoid(-x)),
      },
      {
        label: "with the weight: ln 3",
        colour: "#0969da",
        points: path((x) => 0.75 * sigmoid(-x) - 0.25 * sigmoid(x)),
      },
    ],
  });
