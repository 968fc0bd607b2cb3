/** @file What all learners of task families share: the tasks of training and tests, and vectors of trials. */

import * as z from "zod";
import { count, fraction, nonNegative, positive } from "../../../src/config/options.js";
import type { Problem, Task, TaskFamily, VectorEnvironment } from "../../../src/env/contracts.js";
import { feedbackView } from "../../../src/env/wrappers/feedback-view.js";
import { taskSet, taskSetSchema } from "../../../src/rollout/task-set.js";
import { scheduled } from "../../shared/schedule.js";

/** The option `tasks`. */
export const tasksOption = taskSetSchema
  .extend({
    train: z
      .int()
      .min(0)
      .default(0)
      .describe("number of training tasks, drawn once; 0: each trial draws a new task from the family"),
  })
  .prefault({})
  .describe("the tasks of training, and those of the tests");

/** The option `tasks` of a learner that needs a finite training set, of `train` tasks by default. */
export const finiteTasksOption = (train: number, why: string) =>
  taskSetSchema
    .extend({
      train: z
        .int()
        .min(1, `it must be at least 1: ${why}`)
        .default(train)
        .describe("number of training tasks, drawn once"),
    })
    .prefault({})
    .describe("the tasks of training, and those of the tests");

export type TasksOption = z.output<typeof tasksOption>;

/** The options that all learners by PPO on trials share. */
export const trialOptions = {
  environments: count().default(32).describe("number of trials that are played in parallel"),
  epochs: count()
    .default(8)
    .describe("number of passes over a rollout, which is one trial of each environment"),
  discount: fraction().default(0.95).describe("γ, also from an episode of a trial to the next"),
  gaeLambda: fraction().default(0.95).describe("λ of generalised advantage estimation"),
  learningRate: scheduled(positive())
    .default(7e-4)
    .describe("step size of the policy's optimiser, or { from, to, steps, shape }"),
  entropyCoefficient: scheduled(nonNegative())
    .default(0)
    .describe("weight of the entropy bonus, or { from, to, steps, shape }"),
  tasks: tasksOption,
  trialEnd: z
    .enum(["bootstrap", "terminal"])
    .default("bootstrap")
    .describe(
      "what follows the last step of a trial: the value of its final observation, or nothing; inside a trial, credit " +
        "always passes from an episode to the next",
    ),
};

/** The training tasks of a family; undefined: trials draw their tasks from the family. */
export const trainingTasksOf = (family: TaskFamily, tasks: TasksOption): readonly Task[] | undefined =>
  tasks.train > 0 ? taskSet(family, tasks).train : undefined;

/** The test tasks of a family, for `testTasks` of a learner. */
export const testTasksOf = (family: TaskFamily, tasks: TasksOption): readonly Task[] =>
  taskSet(family, tasks).test;

/** `vector` with trials of the training tasks, reset to the start of a trial and seen in its feedback view. */
export function trialsOf(vector: VectorEnvironment, tasks: TasksOption): VectorEnvironment {
  const training = trainingTasksOf(vector.tasks!, tasks);
  if (training) {
    vector.setTasks!(training);
    vector.reset();
  }
  return feedbackView(vector);
}

/** A problem whose vectors are {@link trialsOf}; its spaces stay those of the environment. */
export const problemOfTrials = (problem: Problem, tasks: TasksOption): Problem => ({
  ...problem,
  vector: async (count, rng) => trialsOf(await problem.vector(count, rng), tasks),
});
