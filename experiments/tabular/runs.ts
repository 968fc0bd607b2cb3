/** @file Runs of tuned Q-learning and SARSA in tabular environments, with exact values of their policies. */

import { valueIteration } from "../../algorithms/index.js";
import { rlSettings } from "../../algorithms/tuned/rl.js";
import { make } from "../../envs/index.js";
import { compare, mdp, mean, TabularPolicy, train } from "../../index.js";
import { markdown } from "../lib/markdown.js";
import type { Results } from "../lib/results.js";

export interface TabularRun {
  algorithm: string;
  env: string;
  seed: number;
  steps: number;
  /** Exact values at the start, of the optimal policy, the learner's greedy policy and the uniform policy. */
  optimum: number;
  learner: number;
  random: number;
}

const ALGORITHMS = ["qLearning", "sarsa"];

/** Adds all missing runs. */
export async function tabularRuns(results: Results<TabularRun>, seeds: number): Promise<void> {
  for (const algorithm of ALGORITHMS) {
    for (const [env, { steps = 0 }] of Object.entries(rlSettings[algorithm])) {
      const optimal = await train(valueIteration(), { env });
      const model = (await make(env)).model!();
      const uniform = new TabularPolicy(model.states, mdp.uniformTable(model));
      for (let seed = 0; seed < seeds; seed++) {
        await results.keep(`${algorithm}/${env}/${seed}`, async () => {
          const learner = await train(algorithm, { env, seed });
          const exactly = { env, sampled: false, deterministic: false } as const;
          const { exact } = await compare(optimal, learner, exactly);
          const { exact: control } = await compare(optimal, uniform, exactly);
          const { expertValue: optimum, learnerValue } = exact!;
          return {
            algorithm,
            env,
            seed,
            steps,
            optimum,
            learner: learnerValue,
            random: control!.learnerValue,
          };
        });
      }
    }
  }
}

/** The score: 0 for the uniform policy, 1 for the optimal policy. */
const score = ({ optimum, learner, random }: TabularRun) => (learner - random) / (optimum - random);

/** One row per environment and algorithm: the mean and the score of every seed. */
export function tabularTable(runs: readonly TabularRun[]): string {
  const rows = ALGORITHMS.flatMap((algorithm) =>
    Object.keys(rlSettings[algorithm]).flatMap((env) => {
      const seeds = runs.filter((run) => run.algorithm === algorithm && run.env === env);
      if (seeds.length === 0) return [];
      const scores = seeds.map(score);
      const every = new Set(scores.map((x) => x.toFixed(3)));
      const thousands = `${seeds[0].steps / 1000} k`;
      return [
        [
          `\`${algorithm}\``,
          env,
          thousands,
          String(seeds.length),
          mean(scores).toFixed(3),
          every.size === 1 ? "the same" : scores.map((x) => x.toFixed(3)).join(", "),
        ],
      ];
    }),
  );
  return markdown([["algorithm", "task", "steps", "seeds", "mean score", "every seed"], ...rows]);
}
