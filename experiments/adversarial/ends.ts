/** @file The value of the end of an episode: adversarial imitation with absorbing states and with terminal value 0. */

import { algorithmFor } from "../../algorithms/index.js";
import { collect, loadExpert, train } from "../../index.js";
import type { Algorithm } from "../../src/learning/contract.js";
import { type LineChart, lineChart } from "../lib/line-chart.js";
import { demonstrations } from "./cartpole.js";
import { ENV } from "./methods.js";

type Horizon = "absorbing" | "variable";

/** Approximate number of points of a curve. */
const POINTS = 60;

/** Mean training return over the seeds against thousands of steps, at the points that all seeds have. */
async function curve(env: string, algorithm: Algorithm, options: { steps: number; seeds: number }) {
  const { steps, seeds } = options;
  const found = new Map<number, number[]>();
  for (let seed = 0; seed < seeds; seed++) {
    const { metrics } = await train.run(algorithm, { env, steps, seed });
    for (const row of metrics) {
      if (row.return !== undefined) found.set(row.steps, [...(found.get(row.steps) ?? []), row.return]);
    }
  }
  const whole = [...found].filter(([, returns]) => returns.length === seeds);
  const every = Math.ceil(whole.length / POINTS);
  return whole
    .filter((_, i) => i % every === 0)
    .map(([step, returns]) => [step / 1000, returns.reduce((sum, x) => sum + x, 0) / seeds] as const);
}

const shownAs = (lines: LineChart["lines"]) => lines.map(({ label, points }) => ({ label, points }));

/** GAIL on CartPole, where the task is to continue, with rewards of constant sign. */
export async function endsOfGail(seeds: number) {
  const points = (reward: "log-d" | "negative-log-one-minus-d", horizon: Horizon) =>
    curve(ENV, algorithmFor("gail", ENV, { demonstrations, reward, horizon }), { steps: 40_000, seeds });
  const [never, always] = ["log-d", "negative-log-one-minus-d"] as const;
  const lines = [
    { label: "log D ≤ 0, absorbing", colour: "#0969da", points: await points(never, "absorbing") },
    {
      label: "log D ≤ 0, variable",
      colour: "#0969da",
      dashed: true,
      points: await points(never, "variable"),
    },
    { label: "−log(1 − D) ≥ 0, absorbing", colour: "#cf222e", points: await points(always, "absorbing") },
    {
      label: "−log(1 − D) ≥ 0, variable",
      colour: "#cf222e",
      dashed: true,
      points: await points(always, "variable"),
    },
  ];
  const picture = lineChart({
    title: "GAIL on CartPole: training return, by sign of the reward",
    x: "environment steps (thousands)",
    y: "training return",
    lines,
    xTicks: [0, 10, 20, 30, 40],
    yTicks: [0, 100, 200, 300],
  });
  return { rows: shownAs(lines), picture };
}

/** SQIL on Acrobot. Its goal ends the episode, and thus also the rewards of the expert. */
export async function endsOfSqil(seeds: number) {
  const env = "Acrobot-v1";
  const expert = await loadExpert(env);
  const swings = await collect(expert, { env, episodes: 5, seed: 1, deterministic: true });
  const points = (horizon: Horizon) => {
    const algorithm = algorithmFor("sqil", env, { demonstrations: swings, horizon });
    return curve(env, algorithm, { steps: 60_000, seeds });
  };
  const lines = [
    { label: "absorbing", colour: "#0969da", points: await points("absorbing") },
    { label: "variable", colour: "#cf222e", dashed: true, points: await points("variable") },
  ];
  const picture = lineChart({
    title: "SQIL on Acrobot: training return, by option horizon",
    x: "environment steps (thousands)",
    y: "training return",
    lines,
    xTicks: [0, 15, 30, 45, 60],
    yTicks: [-500, -400, -300, -200, -100, 0],
  });
  return { rows: shownAs(lines), picture };
}
