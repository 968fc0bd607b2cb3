/** @file Runs of preference learning with synthetic annotators, and of PPO on the environment's reward. */

import { evaluate, mean, train } from "../../index.js";
import { markdown } from "../lib/markdown.js";
import { learnerOf, type PlainRun, type RecordedRow, recordOf } from "../lib/plain-run.js";

interface PreferenceRow extends PlainRun {
  name: string;
  title: string;
}

const annotators: Record<string, { title: string; options: object }> = {
  oracle: { title: "oracle", options: {} },
  mistakes: { title: "10 % mistakes", options: { annotator: { mistake: 0.1 } } },
  noisy: { title: "temperature 10", options: { annotator: { temperature: 10 } } },
  myopic: { title: "myopia 0.9", options: { annotator: { myopia: 0.9 } } },
  random: { title: "oracle, random pairs", options: { query: "random" } },
  flipped: { title: "control: opposite answers", options: { annotator: { mistake: 1 } } },
  left: { title: "control: always left", options: { annotator: { bias: 1 } } },
};

const worlds: Record<string, { options: object; steps: number; names: readonly string[] }> = {
  "CartPole-v1": {
    options: { comparisons: 300, roundSteps: 8000 },
    steps: 100_000,
    names: Object.keys(annotators),
  },
  "Pendulum-v1": {
    options: { comparisons: 500, roundSteps: 20_000 },
    steps: 300_000,
    names: ["oracle", "random", "flipped"],
  },
  // The segments that are shown take 100 000 steps, so the optimiser has the 500 000 for which PPO is tuned.
  "Hopper-v5": {
    options: { comparisons: 1000, rounds: 50, roundSteps: 10_000, hidden: [] },
    steps: 600_000,
    names: ["oracle", "flipped"],
  },
};

/** Every annotator in its worlds, and PPO on the environment's reward with as many steps. */
export const rows: readonly PreferenceRow[] = Object.entries(worlds).flatMap(
  ([env, { options, steps, names }]) => [
    { name: "ppo", title: "PPO on the environment's reward", algorithm: "ppo", env, steps },
    ...names.map((name) => ({
      name,
      title: annotators[name].title,
      algorithm: "preferenceLearning",
      env,
      steps,
      options: { ...options, ...annotators[name].options },
    })),
  ],
);

export interface PreferenceRun {
  env: string;
  name: string;
  seed: number;
  /** Mean return of 50 episodes of the policy's mode. */
  score: number;
  /** Comparisons that were answered, and the share of the held-out ones that the last reward predicts. */
  answered?: number;
  heldOutAccuracy?: number;
}

const EPISODES = 50;

export async function preferenceRun(row: PreferenceRow, seed: number): Promise<PreferenceRun> {
  const { env, name } = row;
  const { algorithm, steps } = learnerOf(row, {});
  const { artefact, metrics } = await train.run(algorithm, { env, seed, steps });
  const last = metrics[metrics.length - 1];
  const { mean: score } = await evaluate(artefact, { env, episodes: EPISODES, seed: 1000 + seed });
  const rounded = (x: number) => Number(x.toPrecision(5));
  return {
    ...{ env, name, seed, score: rounded(score) },
    ...(name !== "ppo" && { answered: last.answered, heldOutAccuracy: rounded(last.heldOutAccuracy) }),
  };
}

/** The commands and the settings of the rows. */
export const preferenceRows = (): Record<string, RecordedRow> =>
  Object.fromEntries(rows.map((row) => [`${row.env}/${row.name}`, recordOf(row, "")]));

/** A table for each environment that has runs, with every seed. */
export function preferenceTables(runs: readonly PreferenceRun[]): string {
  return Object.keys(worlds)
    .filter((env) => runs.some((run) => run.env === env))
    .map((env) => {
      const head = ["annotator", "comparisons", "return of each seed", "mean", "median", "held-out accuracy"];
      const body = rows
        .filter((row) => row.env === env)
        .map(({ name, title }) => {
          const own = runs
            .filter((run) => run.env === env && run.name === name)
            .sort((a, b) => a.seed - b.seed);
          if (own.length === 0) return undefined;
          const scores = own.map(({ score }) => score);
          const accuracies = own.flatMap(({ heldOutAccuracy }) => heldOutAccuracy ?? []);
          return [
            title,
            name === "ppo" ? "" : String(Math.max(...own.map(({ answered }) => answered ?? 0))),
            scores.map((score) => score.toFixed(0)).join(", "),
            mean(scores).toFixed(0),
            [...scores].sort((a, b) => a - b)[scores.length >> 1].toFixed(0),
            accuracies.length > 0 ? mean(accuracies).toFixed(2) : "",
          ];
        });
      const found = body.filter((cells) => cells !== undefined);
      return `### ${env}, ${worlds[env].steps.toLocaleString("en")} steps\n\n${markdown([head, ...found])}`;
    })
    .join("\n\n");
}
