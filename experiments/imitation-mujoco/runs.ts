/** @file Runs of the MuJoCo comparison: one learner for each method, seed and number of trajectories. */

import { algorithmFor, bc, dagger, tuned } from "../../algorithms/index.js";
import { collect, evaluate, train, UniformPolicy } from "../../index.js";
import type { Demonstrations } from "../../src/datasets/demonstrations.js";
import { firstEpisodes } from "../../src/datasets/demonstrations.js";
import { normalisedScore } from "../../src/diagnostics/sampled.js";
import type { Algorithm } from "../../src/learning/contract.js";
import type { Policy } from "../../src/policies/contract.js";
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
  env: string;
  expert: Policy;
  demonstrations: Demonstrations;
  labels: number;
}

type Method = (given: Given) => { algorithm: Algorithm; steps?: number };

/** Settings of behaviour cloning. The number of gradient steps does not depend on the number of demonstrations. */
const CLONE = {
  hidden: [128, 128],
  minibatchSize: 256,
  learningRate: 1e-3,
  loss: "squared-error" as const,
  normaliseObservations: true,
};
const UPDATES = 20_000;
const ROUNDS = 10;

/** Adversarial methods use the settings tuned for the environment. */
const adversary =
  (name: "airl" | "gail"): Method =>
  ({ env, demonstrations }) => ({
    algorithm: algorithmFor(name, env, { demonstrations }),
    steps: tuned(name, env)!.steps,
  });

export const methods: Record<string, Method> = {
  bc: ({ demonstrations, labels }) => {
    const epochs = Math.ceil((UPDATES * CLONE.minibatchSize) / labels);
    return { algorithm: bc({ ...CLONE, epochs, demonstrations }) as Algorithm };
  },
  dagger: ({ expert, labels }) => {
    const roundSteps = Math.ceil(labels / ROUNDS);
    // Round k fits the labels of k rounds; the total number of gradient steps equals that of behaviour cloning.
    const epochs = Math.ceil((2 * UPDATES * CLONE.minibatchSize) / (labels * (ROUNDS + 1)));
    return { algorithm: dagger({ ...CLONE, rounds: ROUNDS, roundSteps, epochs, expert }) as Algorithm };
  },
  gail: adversary("gail"),
  airl: adversary("airl"),
};

export interface MujocoOptions {
  env: string;
  expert: Policy;
  methods: readonly string[];
  demonstrations: readonly number[];
  seeds: number;
}

/** Whole episodes of the mode of a policy, with the same starts for all policies. */
const measured = (policy: Policy, env: string, seed: number) =>
  evaluate(policy, { env, episodes: 50, seed: 1000 + seed });

/** Adds all missing runs, seed by seed, so that an early stop leaves all methods with fewer seeds. */
export async function mujocoRuns(results: Results<MujocoRun>, options: MujocoOptions): Promise<void> {
  const { env, expert } = options;
  const chance = new UniformPolicy(expert.observationSpace, expert.actionSpace);
  for (let seed = 0; seed < options.seeds; seed++) {
    const all = await collect(expert, { env, episodes: Math.max(...COUNTS), seed, deterministic: true });
    let references: { expert: number; random: number } | undefined;
    for (const n of options.demonstrations) {
      const demonstrations = firstEpisodes(all, n);
      const labels = demonstrations.trajectories.reduce((sum, { rewards }) => sum + rewards.length, 0);
      for (const method of options.methods) {
        const key = `${env}/${method}/${String(n).padStart(2, "0")}/${seed}`;
        await results.keep(key, async () => {
          references ??= {
            expert: (await measured(expert, env, seed)).mean,
            random: (await measured(chance, env, seed)).mean,
          };
          const { algorithm, steps } = methods[method]({ env, expert, demonstrations, labels });
          const policy = await train(algorithm, { env, seed, steps });
          const { mean: learner, interval } = await measured(policy, env, seed);
          const score = normalisedScore(learner, references);
          const about = { env, method, demonstrations: n, seed, labels };
          return { ...about, expert: references.expert, learner, interval, score };
        });
      }
    }
  }
}
