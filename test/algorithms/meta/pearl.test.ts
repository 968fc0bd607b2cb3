/** @file PEARL as a whole: what it stores, what it refuses and does not read, resumption, and that it learns to adapt. */

import { describe, expect, it } from "vitest";
import { pearl } from "../../../algorithms/index.js";
import "../../../envs/index.js";
import type { Problem } from "../../../src/env/contracts.js";
import { problemOf } from "../../../src/env/problem.js";
import { feedbackLayout } from "../../../src/env/wrappers/feedback-view.js";
import { evaluateTrials } from "../../../src/measure/evaluate-trials.js";
import type { ActOptions, Policy } from "../../../src/policies/contract.js";
import { createRng } from "../../../src/random/rng.js";
import { taskSet } from "../../../src/rollout/task-set.js";
import { box } from "../../../src/spaces/index.js";
import { restore, snapshot } from "../../../src/state/snapshot.js";

const ENV = "PointGoal-v0";
const small = {
  environments: 2,
  tasks: { train: 4, test: 4 },
  hidden: [8],
  encoderHidden: [8],
  latent: 2,
  metaBatch: 2,
  minibatchSize: 8,
  gradientSteps: 3,
};
const short = { maxEpisodeSteps: 5 };

describe("a round", () => {
  it("plays a trial of a training task in every environment, and learns once all tasks were played", async () => {
    const learner = pearl(small);
    const state = await learner.init(await problemOf(ENV, short), createRng(0));
    const { train } = taskSet(state.live.trial.family, small.tasks);
    const played = () => [0, 1].map((i) => state.environments.getTask!(i));
    const first = played();
    for (const task of first) expect(train).toContainEqual(task);
    const before = state.networks.actor.parameters;
    expect(await learner.update(state)).toEqual({
      steps: 20,
      episodes: 4,
      return: expect.any(Number),
      returnEpisode1: expect.any(Number),
      returnEpisode2: expect.any(Number),
    });
    expect(state.networks.actor.parameters).toBe(before);
    const tasks = [...first, ...played()];
    expect(new Set(tasks.map((task) => JSON.stringify(task))).size).toBe(4);
    expect(await learner.update(state)).toMatchObject({ kl: expect.any(Number), temperature: 1 });
    expect(state.networks.encoder.steps).toBe(3);
  });

  it("stores all transitions by task, and those of first episodes for contexts", async () => {
    const learner = pearl({ ...small, gradientSteps: 1 });
    const state = await learner.init(await problemOf(ENV, short), createRng(1));
    const played = state.live.tasks.map((_, task) => state.deck.playing.includes(task));
    await learner.update(state);
    const saved = snapshot(state.replays) as unknown as Record<
      "all" | "first",
      Record<string, Float32Array>[]
    >;
    for (const [task, was] of played.entries()) {
      expect([saved.all[task].stored, saved.first[task].stored]).toEqual(was ? [10, 5] : [0, 0]);
      expect(saved.first[task].observations).toEqual(saved.all[task].observations.slice(0, was ? 10 : 0));
      expect(saved.first[task].rewards).toEqual(saved.all[task].rewards.slice(0, was ? 5 : 0));
      // Every episode starts at the origin.
      if (was) expect([0, 1, 10, 11].map((k) => saved.all[task].observations[k])).toEqual([0, 0, 0, 0]);
      const { all, goal } = { all: saved.all[task], goal: Object.values(state.live.tasks[task] as object) };
      expect(goal.length).toBeGreaterThan(0);
      expect(all.rewards.every((r: number) => r < 0)).toBe(true);
    }
  });

  it.each([
    false,
    true,
  ])("feeds noise of its own kinds, and next observations if they are encoded: %s", async (encodeNext) => {
    const learner = pearl({ ...small, encodeNext, contextSize: 4 });
    const state = await learner.init(await problemOf(ENV, short), createRng(0));
    for (let k = 0; k < 2; k++) await learner.update(state);
    const runs: Record<string, ArrayLike<number>>[] = [];
    state.live.trainer = {
      ...state.live.trainer,
      async run(_, feeds) {
        runs.push(
          Object.fromEntries(Object.entries(feeds).map(([key, x]) => [key, Array.from(x as Float32Array)])),
        );
        return { means: { kl: 1 } } as never;
      },
    };
    for (let k = 0; k < 2; k++) await learner.update(state);
    const [{ uniforms, latentNoise, contextNextObservations, contextObservations }, other] = runs;
    // Three steps on two tasks, each with eight transitions and a context of four.
    expect([uniforms.length, latentNoise.length]).toEqual([2 * 48 * 2, 3 * 2 * 2]);
    expect(Math.min(...Array.from(uniforms))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...Array.from(uniforms))).toBeLessThan(1);
    expect(Math.min(...Array.from(latentNoise), ...Array.from(other.latentNoise))).toBeLessThan(0);
    expect(other.uniforms).not.toEqual(uniforms);
    expect(contextObservations.length).toBe(3 * 2 * 4 * 2);
    expect(contextNextObservations?.length).toBe(encodeNext ? 3 * 2 * 4 * 2 : undefined);
  });

  it("goes on in any number of runs of the trainer as in one", async () => {
    const problem = await problemOf(ENV, short);
    const learner = pearl({ ...small, gradientSteps: 5 });
    const state = await learner.init(problem, createRng(2));
    state.live.most = 2;
    await learner.update(state);
    const { kl } = await learner.update(state);
    expect(kl).toBeGreaterThan(0);
    expect(state.networks.critics.steps).toBe(5);
  });
});

describe("what training reads", () => {
  it("is no task and no cluster", async () => {
    let blind = false;
    const look = <T>(see: () => T): T => {
      if (blind) throw new Error("a learner read a task");
      return see();
    };
    const problem = await problemOf(ENV, short);
    const { family } = problem;
    const watched: Problem = {
      ...problem,
      family: {
        ...family!,
        tasks: { ...family!.tasks, clusterOf: (task) => look(() => family!.tasks.clusterOf(task)) },
      },
      async vector(count, rng) {
        const vector = await problem.vector(count, rng);
        return Object.assign(vector, { getTask: () => look(() => undefined) });
      },
    };
    const learner = pearl(small);
    const state = await learner.init(watched, createRng(0));
    blind = true;
    for (let k = 0; k < 3; k++) await learner.update(state);
    expect(state.networks.encoder.steps).toBe(6);
    expect(() => state.environments.getTask!(0)).toThrow("a learner read a task");
  });
});

describe("a snapshot", () => {
  it("continues bit for bit, also in the middle of a pass over the tasks", async () => {
    const problem = await problemOf(ENV, short);
    const learner = pearl({
      ...small,
      tasks: { train: 3, test: 1 },
      temperature: "learned",
      encodeNext: true,
    });
    const whole = await learner.init(problem, createRng(0));
    for (let k = 0; k < 3; k++) await learner.update(whole);
    const resumed = await learner.init(problem, createRng(9));
    restore(resumed, snapshot(whole));
    for (let k = 0; k < 3; k++) expect(await learner.update(resumed)).toEqual(await learner.update(whole));
    expect(snapshot(resumed)).toEqual(snapshot(whole));
  });
});

describe("pearl refuses", () => {
  const starts = async (options: object, problem: Problem) => pearl(options).init(problem, createRng(0));

  it("environments that it cannot adapt in", async () => {
    await expect(starts({}, await problemOf("Pendulum-v1"))).rejects.toThrow(
      "pearl learns to adapt to the tasks of a family, but Pendulum-v1 is one task",
    );
    await expect(starts({}, await problemOf(ENV, { episodesPerTask: 1 }))).rejects.toThrow(
      "pearl needs an exploration and an exploitation episode, but a trial of PointGoal-v0 has 1",
    );
    await expect(starts({}, await problemOf("GridNavi-v0"))).rejects.toThrow(
      "pearl needs actions in a bounded box, not Discrete(5); use rl2",
    );
    const problem = await problemOf(ENV);
    const open = { ...problem, actionSpace: box([2], -1, Infinity) };
    await expect(starts({}, open)).rejects.toThrow(/entry 0 is in \[-1, Infinity\]; .* or use rl2/);
  });

  it("options that do not fit", async () => {
    expect(() => pearl({ tasks: { train: 0 } })).toThrow(
      'option "tasks.train" is 0: it must be at least 1: a replay is kept for each training task',
    );
    await expect(starts({ contextSize: 21 }, await problemOf(ENV))).rejects.toThrow(
      "contextSize 21 is more than the 20 steps of the episode",
    );
  });
});

describe("learning", () => {
  it("solves a task in the second episode with what it saw in the first, and not without", async () => {
    const learner = pearl({
      environments: 16,
      tasks: { train: 64, test: 32 },
      hidden: [64, 64],
      encoderHidden: [64, 64],
      minibatchSize: 16,
      gradientSteps: 200,
      learningRate: 1e-3,
      discount: 0.9,
      klWeight: 0.01,
    });
    const problem = await problemOf(ENV);
    const state = await learner.init(problem, createRng(0));
    for (let k = 0; k < 30; k++) await learner.update(state);
    const tasks = learner.testTasks!(problem.family!.tasks);
    const policy = learner.policy(state);
    const score = async (played: Policy) =>
      (await evaluateTrials(played, { env: ENV, tasks, trials: 128, seed: 1 })).mean;
    const [, second] = await score(policy);
    /** The same policy, to which each episode is the first of a trial: z is from the prior. */
    const { width, parts } = feedbackLayout(problem.observationSpace, problem.actionSpace);
    const ended = width - 1 - parts[4] - 1;
    const forgetful = Object.create(policy, {
      act: {
        value(rows: Float32Array, options: ActOptions) {
          const shown = rows.map((x, k) =>
            k % width === width - 1 ? Math.max(x, rows[k - width + 1 + ended]) : x,
          );
          return policy.act(shown, options);
        },
      },
    });
    const [, without] = await score(forgetful);
    // Standing still scores −20.
    expect(second).toBeGreaterThan(-18);
    expect(without).toBeLessThan(-19);
  }, 120_000);
});
