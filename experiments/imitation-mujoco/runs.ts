/** @file Runs of the MuJoCo comparison: one learner for each method, seed and number of trajectories. */

import { collect, evaluate, train, UniformPolicy } from "../../index.js";
import type { Demonstrations } from "../../src/datasets/demonstrations.js";
import { countPairs } from "../../src/datasets/transitions.js";
import { normalisedScore } from "../../src/diagnostics/sampled.js";
import type { Policy } from "../../src/policies/contract.js";
import { learnerOf, type PlainRun, type RecordedRow, recordOf } from "../lib/plain-run.js";
import type { Results } from "../lib/results.js";

export const TASKS = ["Hopper-v5", "HalfCheetah-v5", "Walker2d-v5", "Ant-v5"];
/** Numbers of trajectories, as in [Ho & Ermon 2016]. */
export const COUNTS = [1, 4, 11, 25];

export interface MujocoRun {
  env: string;
  method: string;
  demonstrations: number;
  seed: number;
  /** Number of state–action pairs that the learner received as demonstrations or labels. */
  labels: number;
  expert: number;
  learner: number;
  /** 95 % interval of the learner's mean return over episodes. */
  interval: [low: number, high: number];
  score: number;
}

interface Given {
  expert: Policy;
  demonstrations: Demonstrations;
}

/** The words after the command that say what is learnt from. */
interface Row extends PlainRun {
  source: string;
  from: (given: Given) => Record<string, unknown>;
}

/** Steps of an expert's episode on a robot. */
const EPISODE = 1000;

const fromDemonstrations = (algorithm: string, env: string, n: number): Row => ({
  algorithm,
  env,
  source: `--demos expert --demo-episodes ${n}`,
  from: ({ demonstrations }) => ({ demonstrations }),
});

/** Each method as a plain run, from `n` trajectories or as many labels. */
export const methods: Record<string, (env: string, n: number) => Row> = {
  bc: (env, n) => fromDemonstrations("bc", env, n),
  dagger: (env, n) => ({
    algorithm: "dagger",
    env,
    source: "--expert expert",
    options: { roundSteps: (n * EPISODE) / 10 },
    from: ({ expert }) => ({ expert }),
  }),
  gail: (env, n) => fromDemonstrations("gail", env, n),
  airl: (env, n) => fromDemonstrations("airl", env, n),
};

/** The start of the keys of a row's runs. */
const rowKey = (env: string, method: string, n: number) => `${env}/${method}/${String(n).padStart(2, "0")}`;

/** The commands and settings of rows. */
export const recordedRows = (
  envs: readonly string[],
  names: readonly string[],
  counts: readonly number[],
): Record<string, RecordedRow> =>
  Object.fromEntries(
    envs.flatMap((env) =>
      names.flatMap((method) =>
        counts.map((n) => {
          const row = methods[method](env, n);
          return [rowKey(env, method, n), recordOf(row, row.source)];
        }),
      ),
    ),
  );

export interface MujocoOptions {
  env: string;
  expert: Policy;
  methods: readonly string[];
  demonstrations: readonly number[];
  seeds: readonly number[];
}

/** Whole episodes of the mode of a policy, with the same starts for all policies. */
const measured = (policy: Policy, env: string, seed: number) =>
  evaluate(policy, { env, episodes: 50, seed: 1000 + seed });

/** Adds all missing runs, seed by seed, so that an early stop leaves all methods with fewer seeds. */
export async function mujocoRuns(results: Results<MujocoRun>, options: MujocoOptions): Promise<void> {
  const { env, expert } = options;
  const chance = new UniformPolicy(expert.observationSpace, expert.actionSpace);
  for (const seed of options.seeds) {
    let references: { expert: number; random: number } | undefined;
    for (const n of options.demonstrations) {
      let demonstrations: Demonstrations | undefined;
      for (const method of options.methods) {
        await results.keep(`${rowKey(env, method, n)}/${seed}`, async () => {
          references ??= {
            expert: (await measured(expert, env, seed)).mean,
            random: (await measured(chance, env, seed)).mean,
          };
          // The demonstrations that the command collects under this seed.
          const origin = { env, episodes: n, seed: `${seed}/demonstrations`, deterministic: true };
          demonstrations ??= await collect(expert, origin);
          const row = methods[method](env, n);
          const { algorithm, steps } = learnerOf(row, row.from({ expert, demonstrations }));
          const policy = await train(algorithm, { env, seed, steps });
          const { mean: learner, interval } = await measured(policy, env, seed);
          const score = normalisedScore(learner, references);
          const labels = method === "dagger" ? n * EPISODE : countPairs(demonstrations.trajectories);
          const about = { env, method, demonstrations: n, seed, labels };
          return { ...about, expert: references.expert, learner, interval, score };
        });
      }
    }
  }
}
