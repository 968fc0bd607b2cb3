/** @file The evaluations of a run: by episodes, or for learners of task families by trials of their test tasks. */

import { expect, it } from "vitest";
import "../../envs/index.js";
import { problemOf } from "../../src/env/problem.js";
import { UniformPolicy } from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";
import { taskSet } from "../../src/rollout/task-set.js";
import { environmentSource } from "../../src/runs/source.js";

it("a learner with test tasks is evaluated by a trial of each, with the last episode as its score", async () => {
  const problem = await problemOf("PointGoal-v0", { episodesPerTask: 3, maxEpisodeSteps: 4 });
  const policy = new UniformPolicy(problem.observationSpace, problem.actionSpace);
  const evaluate = (testTasks?: Parameters<typeof environmentSource>[1]) =>
    environmentSource(problem, testTasks).evaluate!(policy, 5, createRng(0), {});
  const trials = await evaluate((family) => taskSet(family, { train: 0, test: 7 }).test);
  expect(Object.keys(trials)).toEqual(
    expect.arrayContaining(["mean", "iqm", "low", "high", "episode1", "episode2", "episode3"]),
  );
  expect(trials).toMatchObject({ trials: 7, mean: trials.episode3 });
  expect(trials.episode1).not.toBe(trials.episode3);
  expect(await evaluate()).not.toHaveProperty("episode1");
});
