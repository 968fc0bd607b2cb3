/** @file The picture of docs/reference/environments/bandits.md: rewards of several strategies on the Bernoulli bandit. */

import type { BanditTask } from "../../envs/bandits/bandit.js";
import { bernoulliBandit } from "../../envs/bandits/bernoulli.js";
import { createRng, type Rng } from "../../src/random/rng.js";
import { lineChart } from "../lib/line-chart.js";

const ARMS = 5;
const PULLS = 100;
const TASKS = 500;

/** Statistics of an arm: the numbers of its rewards 1 and 0. */
interface Record {
  wins: number;
  losses: number;
}

type Choice = (records: readonly Record[], rng: Rng) => number;

const argmax = (values: readonly number[]): number => values.indexOf(Math.max(...values));

/** A draw from Beta(a, b) for integers a and b: the a-th smallest of a + b − 1 uniform draws. */
function beta(a: number, b: number, rng: Rng): number {
  const draws = Array.from({ length: a + b - 1 }, () => rng.uniform());
  return draws.sort((x, y) => x - y)[a - 1];
}

const choices: { label: string; colour: string; choose: Choice }[] = [
  {
    label: "Thompson sampling",
    colour: "#1a7f37",
    choose: (records, rng) => argmax(records.map(({ wins, losses }) => beta(wins + 1, losses + 1, rng))),
  },
  {
    label: "greedy on the posterior mean",
    colour: "#0969da",
    choose: (records) => argmax(records.map(({ wins, losses }) => (wins + 1) / (wins + losses + 2))),
  },
  { label: "random arm", colour: "#bf3989", choose: (records, rng) => rng.integer(records.length) },
];

/** Mean reward of each pull, over tasks. */
function play(choose: Choice): number[] {
  const environment = bernoulliBandit({ arms: ARMS, maxEpisodeSteps: PULLS });
  const rng = createRng("choices");
  const total = new Array<number>(PULLS).fill(0);
  for (let task = 0; task < TASKS; task++) {
    environment.reset({ seed: task });
    const { means } = environment.getTask!() as BanditTask;
    const records = means.map(() => ({ wins: 0, losses: 0 }));
    for (let pull = 0; pull < PULLS; pull++) {
      const arm = choose(records, rng);
      const { reward } = environment.step(arm);
      records[arm][reward === 1 ? "wins" : "losses"]++;
      total[pull] += means[arm] / TASKS;
    }
  }
  return total;
}

export async function pictures(): Promise<{ [name: string]: string }> {
  const best: [number, number][] = [1, PULLS].map((pull) => [pull, ARMS / (ARMS + 1)]);
  const chart = lineChart({
    title: `BernoulliBandit-v0, ${ARMS} arms: mean reward by pull`,
    x: "pull",
    y: "mean reward",
    xTicks: [1, 20, 40, 60, 80, 100],
    yTicks: [0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1],
    lines: [
      { label: "best arm: k / (k + 1)", colour: "#57606a", dashed: true, points: best },
      ...choices.map(({ label, colour, choose }) => ({
        label,
        colour,
        points: play(choose).map((reward, pull): [number, number] => [pull + 1, reward]),
      })),
    ],
  });
  return { "bandits.svg": chart };
}
