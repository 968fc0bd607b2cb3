/** @file What all learners of task families share: the tasks of training and tests. */

import * as z from "zod";
import type { Task, TaskFamily } from "../../../src/env/contracts.js";
import { taskSet, taskSetSchema } from "../../../src/rollout/task-set.js";

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

/** The training tasks of a family; undefined: trials draw their tasks from the family. */
export const trainingTasksOf = (family: TaskFamily, tasks: TasksOption): readonly Task[] | undefined =>
  tasks.train > 0 ? taskSet(family, tasks).train : undefined;

/** The test tasks of a family, for `testTasks` of a learner. */
export const testTasksOf = (family: TaskFamily, tasks: TasksOption): readonly Task[] =>
  taskSet(family, tasks).test;
