/** @file Bandits as environments: the part that Bernoulli and Gaussian bandits share. */

import * as z from "zod";
import { count } from "../../src/config/options.js";
import { environmentOf } from "../../src/env/array-environments.js";
import { requireModelSize } from "../../src/env/check-model.js";
import type { TaskEnvironment, TaskFamily } from "../../src/env/contracts.js";
import type { Dynamics } from "../../src/env/dynamics.js";
import { clusterField, taskChecker } from "../../src/env/task-families.js";
import { UsageError } from "../../src/errors.js";
import { type Outcome, tabularModel } from "../../src/mdp/index.js";
import type { Rng } from "../../src/random/rng.js";
import { discrete } from "../../src/spaces/index.js";
import { modelDiscount, stepLimit, trialEpisodes } from "../options.js";

/** A task: the mean reward of each arm, `[arms]`, and the cluster from which the means were drawn. */
export type BanditTask = { cluster: number; means: number[] };

export const banditOptions = z.strictObject({
  arms: count().default(10).describe("number of arms"),
  clusters: count()
    .default(1)
    .describe(
      "number of groups of arms, at most `arms`; each task has one group whose arms pay more; 1: no groups",
    ),
  episodesPerTask: trialEpisodes(1),
  discount: modelDiscount(),
  maxEpisodeSteps: stepLimit(100),
});

interface BanditRules {
  /** Schema of a mean: its legal values. */
  mean: z.ZodNumber;
  /** Draws the mean of an arm; `isBetter`: whether the arm is in the better group of its task. */
  sampleMean(isBetter: boolean, rng: Rng): number;
  /** Draws one reward of an arm with the given mean. */
  pull(mean: number, rng: Rng): number;
  /** The possible rewards of an arm and their probabilities, for the exact model. */
  rewards(mean: number): Omit<Outcome, "next">[];
}

/** The group of an arm. Groups alternate over the arms: 0, 1, …, clusters − 1, 0, 1, … */
const groupOf = (arm: number, clusters: number): number => arm % clusters;

/** A bandit, whose observation is always 0. */
export type BanditEnvironment = TaskEnvironment<BanditTask, number>;

/**
 * The bandit with the given rules. Its observation is always 0: only actions and rewards carry information.
 *
 * @throws {UsageError} when there are more clusters than arms.
 */
export function bandit(
  id: string,
  options: z.output<typeof banditOptions>,
  rules: BanditRules,
): BanditEnvironment {
  const { arms, clusters, episodesPerTask, maxEpisodeSteps } = options;
  requireModelSize(id, 1, arms);
  if (clusters > arms) {
    throw new UsageError(
      `${id}: option "clusters" is ${clusters}; it must be at most the number of arms, ${arms}`,
    );
  }
  return environmentOf({
    id,
    observationSpace: discrete(1),
    actionSpace: discrete(arms),
    maxEpisodeSteps,
    resetOptions: [],
    dynamics: (copies) => banditDynamics(arms, rules, copies),
    tasks: banditTasks(id, options, rules),
    episodesPerTask,
  });
}

function banditTasks(
  id: string,
  { arms, clusters, discount }: z.output<typeof banditOptions>,
  { mean, sampleMean, rewards }: BanditRules,
): TaskFamily<BanditTask> {
  const schema = z.strictObject({ cluster: clusterField(clusters), means: z.array(mean).length(arms) });
  return {
    clusters,
    sampleTask(rng) {
      const cluster = rng.integer(clusters);
      const isBetter = (arm: number) => clusters > 1 && groupOf(arm, clusters) === cluster;
      return { cluster, means: Array.from({ length: arms }, (_, arm) => sampleMean(isBetter(arm), rng)) };
    },
    clusterOf: ({ cluster }) => cluster,
    checkTask: taskChecker(id, schema),
    model: ({ means }) =>
      tabularModel({
        states: 1,
        actions: arms,
        transitions: (_, arm) => rewards(means[arm]).map((outcome) => ({ next: 0, ...outcome })),
        initial: 0,
        discount,
      }),
  };
}

function banditDynamics(arms: number, { pull }: BanditRules, copies: number): Dynamics {
  const means = new Float64Array(arms * copies);
  /** `pulled`: the arm of the last pull, −1 before the first. */
  const state = { pulled: new Int32Array(copies) };
  return {
    state,

    setTask(i, task: BanditTask) {
      means.set(task.means, arms * i);
    },

    reset(i) {
      state.pulled[i] = -1;
    },

    step(actions, rngs, rewards, terminated) {
      const { pulled } = state;
      for (let i = 0; i < actions.length; i++) {
        pulled[i] = actions[i];
        rewards[i] = pull(means[arms * i + actions[i]], rngs[i]);
        terminated[i] = 0;
      }
    },

    observe(from, to, out) {
      out.fill(0, from, to);
    },

    render(i) {
      const lines = Array.from(means.subarray(arms * i, arms * (i + 1)), (mean, arm) => {
        return `${arm === state.pulled[i] ? ">" : " "} arm ${arm}  mean ${mean.toFixed(3)}`;
      });
      return lines.join("\n");
    },
  };
}
