/** @file The gap of GAIL on a gridworld for one weight of the discriminator's gradient penalty. */

import { valueIteration } from "../../algorithms/index.js";
import { collect, compare, mean, train } from "../../index.js";
import { markdown } from "../lib/markdown.js";
import { learnerOf, type PlainRun, type RecordedRow, recordOf } from "../lib/plain-run.js";
import type { Results } from "../lib/results.js";

const ENVIRONMENTS = ["Gridworld-v0", "Corridor-v0"];
const PENALTIES = [0, 0.01, 0.1, 1];
const DEMONSTRATIONS = 5;

export interface PenaltyRun {
  env: string;
  gradientPenalty: number;
  seed: number;
  /** Exact values; the learner's is that of its stochastic policy, not of the mode. */
  expert: number;
  learner: number;
  gap: number;
}

const rowOf = (env: string, gradientPenalty: number): PlainRun => ({
  algorithm: "gail",
  env,
  options: { discriminator: { gradientPenalty } },
});

/** The commands and the settings of the rows. `DEMOS` are demonstrations of an exact planner. */
export const penaltyRows = (): Record<string, RecordedRow> =>
  Object.fromEntries(
    ENVIRONMENTS.flatMap((env) =>
      PENALTIES.map((weight) => [
        `${env}/${weight}`,
        recordOf(rowOf(env, weight), `--demos DEMOS --demo-episodes ${DEMONSTRATIONS}`),
      ]),
    ),
  );

/** Adds all missing runs, seed by seed. */
export async function penaltyRuns(results: Results<PenaltyRun>, seeds: number): Promise<void> {
  for (const env of ENVIRONMENTS) {
    const expert = await train(valueIteration(), { env });
    for (let seed = 0; seed < seeds; seed++) {
      const demonstrations = await collect(expert, {
        env,
        episodes: DEMONSTRATIONS,
        seed,
        deterministic: true,
      });
      for (const gradientPenalty of PENALTIES) {
        await results.keep(`${env}/${gradientPenalty}/${seed}`, async () => {
          const { algorithm, steps } = learnerOf(rowOf(env, gradientPenalty), { demonstrations });
          const learner = await train(algorithm, { env, steps, seed });
          const { exact } = await compare(expert, learner, { env, sampled: false, deterministic: false });
          const { expertValue, learnerValue, gap } = exact!;
          return { env, gradientPenalty, seed, expert: expertValue, learner: learnerValue, gap };
        });
      }
    }
  }
}

/** One row per weight and one column per environment: mean and range of the gaps over the seeds. */
export function penaltyTable(runs: readonly PenaltyRun[]): string {
  const head = ENVIRONMENTS.map((env) => {
    const { expert } = runs.find((run) => run.env === env)!;
    return `${env} (the expert's value: ${expert.toPrecision(2)})`;
  });
  const rows = PENALTIES.map((weight) => [
    String(weight),
    ...ENVIRONMENTS.map((env) => {
      const gaps = runs
        .filter((run) => run.env === env && run.gradientPenalty === weight)
        .map(({ gap }) => gap);
      const [middle, low, high] = [mean(gaps), Math.min(...gaps), Math.max(...gaps)].map((gap) =>
        gap.toPrecision(2),
      );
      return `${middle} (${low} to ${high})`;
    }),
  ]);
  return markdown([["`gradientPenalty`", ...head], ...rows]);
}
