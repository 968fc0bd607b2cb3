/**
 * @file RL² [Duan et al. 2016]: a recurrent policy learns, by reinforcement learning over whole trials, how to learn a
 * task of a family.
 *
 * It is PPO with three changes: the policy also receives the previous action, reward and end (§2.2), its memory lives as
 * long as the trial, and the return of the whole trial is maximised, so that exploration in one episode is paid by the
 * next.
 */

import type * as z from "zod";
import { count } from "../../src/config/options.js";
import type { Problem } from "../../src/env/contracts.js";
import type { Algorithm, Metrics } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import type { Rng } from "../../src/random/rng.js";
import { trialShape } from "../../src/rollout/trials.js";
import { type PpoState, ppoSchema, proximal } from "../rl/ppo.js";
import { problemOfTrials, testTasksOf, trialOptions } from "./shared/trials.js";

export const rl2Schema = ppoSchema.omit({ rolloutSteps: true, minibatchSize: true, network: true }).extend({
  ...trialOptions,
  minibatches: count()
    .default(4)
    .describe("number of minibatches of whole trials in a pass; must divide environments"),
  normaliseRewards: ppoSchema.shape.normaliseRewards.default(true),
  hidden: ppoSchema.shape.hidden.default([32]).describe("sizes of the layers before the GRU"),
  recurrentUnits: count().default(64).describe("units of the GRU, the memory of a trial"),
  sharedTrunk: ppoSchema.shape.sharedTrunk.default(true),
});

export type Rl2Options = z.input<typeof rl2Schema>;

export interface Rl2State {
  steps: number;
  ppo: PpoState;
  live: { derived: true; learner: Algorithm<PpoState> };
}

/** RL² for discrete, multi-discrete and continuous actions. */
export const rl2 = defineAlgorithm({
  name: "rl2",
  summary: "RL²: a recurrent policy that learns to adapt to a task within a trial",
  schema: rl2Schema,
  environment: "PointGoal-v0",
  create: (options): Algorithm<Rl2State> => ({
    name: "rl2",
    options,
    unit: "environment steps",
    defaultSteps: 500_000,
    abilities: { density: true, memory: true },
    testTasks: (family) => testTasksOf(family, options.tasks),

    async init(problem: Problem, rng: Rng): Promise<Rl2State> {
      const { steps: rolloutSteps, episodes } = trialShape("rl2", problem);
      const { minibatches, tasks, trialEnd, ...shared } = options;
      const minibatchSize = (options.environments * rolloutSteps) / minibatches;
      const learner = proximal("rl2", { ...shared, rolloutSteps, minibatchSize }, options, {
        trialEnd,
        episodes,
      });
      const ppo = await learner.init(problemOfTrials(problem, tasks), rng);
      return { steps: 0, ppo, live: { derived: true, learner } };
    },

    async update(state: Rl2State): Promise<Metrics> {
      const metrics = await state.live.learner.update(state.ppo);
      state.steps = metrics.steps;
      return metrics;
    },

    policy: (state) => state.live.learner.policy(state.ppo),
  }),
});
