/** @file The tasks of training and of tests, and vectors whose trials are of them. */

import { describe, expect, it } from "vitest";
import {
  problemOfTrials,
  tasksOption,
  testTasksOf,
  trainingTasksOf,
  trialsOf,
} from "../../../../algorithms/meta/shared/trials.js";
import "../../../../envs/index.js";
import { problemOf } from "../../../../src/env/problem.js";
import { makeVector } from "../../../../src/env/vector.js";
import { feedbackLayout } from "../../../../src/env/wrappers/feedback-view.js";
import { createRng } from "../../../../src/random/rng.js";
import { taskSet } from "../../../../src/rollout/task-set.js";

const env = "PointGoal-v0";
const { tasks: family } = (await problemOf(env)).family!;
const option = (given: object) => tasksOption.parse(given);

describe("the tasks of a learner", () => {
  it("are a training set, if there is one, and test tasks that are not in it", () => {
    const some = option({ train: 5, test: 3, seed: 7 });
    expect(trainingTasksOf(family, some)).toEqual(taskSet(family, some).train);
    expect(trainingTasksOf(family, some)).toHaveLength(5);
    expect(testTasksOf(family, some)).toEqual(taskSet(family, some).test);
    expect(trainingTasksOf(family, option({ train: 1 }))).toHaveLength(1);
    expect(trainingTasksOf(family, option({}))).toBeUndefined();
    expect(testTasksOf(family, option({}))).toHaveLength(32);
  });
});

describe("trials", () => {
  const playing = (vector: Awaited<ReturnType<typeof makeVector>>) =>
    Array.from({ length: vector.count }, (_, i) => vector.getTask!(i));

  it("are of the training tasks from the first one on, in the feedback view", async () => {
    const some = option({ train: 2 });
    const view = trialsOf(await makeVector(env, 12, { seed: 0 }), some);
    const allowed = taskSet(family, some).train;
    for (const task of playing(view)) expect(allowed).toContainEqual(task);
    expect(new Set(playing(view).map((task) => JSON.stringify(task))).size).toBe(2);
    const { observationSpace, actionSpace } = await problemOf(env);
    const { width } = feedbackLayout(observationSpace, actionSpace);
    expect(view.observations.length).toBe(12 * width);
    // At the start of a trial, only the observation and the flag of a first row are set.
    expect(view.observations[width - 1]).toBe(1);
  });

  it("draw from the family without a training set", async () => {
    const problem = problemOfTrials(await problemOf(env), option({}));
    expect(problem.observationSpace).toEqual((await problemOf(env)).observationSpace);
    const view = await problem.vector(6, createRng(0));
    expect(new Set(playing(view).map((task) => JSON.stringify(task))).size).toBe(6);
  });
});
