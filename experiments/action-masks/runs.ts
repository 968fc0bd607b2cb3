/** @file Learning curves of PPO and DQN on Taxi-v3 with its action mask and without, under the same budget. */

import { mean, train } from "../../index.js";
import { markdown } from "../lib/markdown.js";
import { learnerOf, type PlainRun, type RecordedRow, recordOf } from "../lib/plain-run.js";

const ENV = "Taxi-v3";

/** Linear networks: tables over the one-hot states. Chosen by hand, and equal with and without the mask. */
const learners: Record<string, Pick<PlainRun, "options" | "steps"> & { checkpoints: number[] }> = {
  dqn: {
    options: {
      hidden: [],
      learningRate: 0.02,
      nStep: 1,
      environments: 4,
      minibatchSize: 64,
      targetEvery: 50,
      exploration: { from: 1, to: 0.05, steps: 30_000, shape: "linear" },
    },
    steps: 61_440,
    checkpoints: [12_288, 24_576, 36_864, 49_152, 61_440],
  },
  ppo: {
    options: {
      hidden: [],
      learningRate: 0.02,
      environments: 16,
      rolloutSteps: 64,
      minibatchSize: 256,
      epochs: 4,
      discount: 0.99,
      gaeLambda: 0.95,
      entropyCoefficient: 0.01,
    },
    steps: 307_200,
    checkpoints: [61_440, 122_880, 184_320, 245_760, 307_200],
  },
};

export const compared = Object.keys(learners);

export interface MaskRun {
  algorithm: string;
  actionMask: boolean;
  seed: number;
  /** Mean returns of the last 100 training episodes, with sampled actions, at the checkpoints. */
  curve: number[];
}

const rowOf = (algorithm: string, actionMask: boolean): PlainRun => ({
  algorithm,
  env: ENV,
  ...(actionMask && { environmentOptions: { actionMask } }),
  options: learners[algorithm].options,
  steps: learners[algorithm].steps,
});

/** The commands and the settings of the rows. */
export const maskRows = (): Record<string, RecordedRow> =>
  Object.fromEntries(
    compared.flatMap((algorithm) =>
      [false, true].map((mask) => [`${algorithm}/${mask}`, recordOf(rowOf(algorithm, mask), "")]),
    ),
  );

export async function maskRun(algorithm: string, actionMask: boolean, seed: number): Promise<MaskRun> {
  const row = rowOf(algorithm, actionMask);
  const { algorithm: learner, steps } = learnerOf(row, {});
  const { checkpoints } = learners[algorithm];
  const curve: number[] = [];
  await train(learner, {
    env: ENV,
    environmentOptions: row.environmentOptions,
    seed,
    steps,
    onIteration(metrics) {
      if (metrics.steps >= checkpoints[curve.length]) curve.push(Number(metrics.return.toFixed(2)));
    },
  });
  return { algorithm, actionMask, seed, curve };
}

/** Two rows per algorithm and a column per checkpoint: the mean over the seeds, and their range. */
export function maskTable(runs: readonly MaskRun[]): string {
  return compared
    .map((algorithm) => {
      const { checkpoints } = learners[algorithm];
      const rows = [false, true].map((mask) => {
        const own = runs.filter((run) => run.algorithm === algorithm && run.actionMask === mask);
        const cells = checkpoints.map((_, k) => {
          const found = own.map(({ curve }) => curve[k]);
          const [low, high] = [Math.min(...found), Math.max(...found)].map((x) => x.toFixed(0));
          return `${mean(found).toFixed(1)} (${low} to ${high})`;
        });
        return [`${algorithm}, ${mask ? "with" : "without"} the mask`, String(own.length), ...cells];
      });
      return markdown([
        ["learner", "seeds", ...checkpoints.map((n) => `${n.toLocaleString("en")} steps`)],
        ...rows,
      ]);
    })
    .join("\n\n");
}
