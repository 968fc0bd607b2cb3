/** @file Rounds of off-policy learners of trials: runs of the trainer, their means, and what they need. */

import { describe, expect, it } from "vitest";
import {
  boxTrials,
  learnRound,
  type RoundState,
  startRounds,
  stepsOfRun,
} from "../../../../algorithms/meta/shared/rounds.js";
import { MetaBatches, taskReplays } from "../../../../algorithms/meta/shared/task-replays.js";
import "../../../../envs/index.js";
import { problemOf } from "../../../../src/env/problem.js";
import type { TrainState } from "../../../../src/learning/trainer.js";
import { createRng } from "../../../../src/random/rng.js";
import { taskSet } from "../../../../src/rollout/task-set.js";
import { box, discrete } from "../../../../src/spaces/index.js";

const spaces = { id: "World", observationSpace: box([2], -9, 9), actionSpace: box([1], -2, 2) };
const sizes = { metaBatch: 4, minibatchSize: 6, contextSize: 2 };

describe("the gradient steps in a run of the trainer", () => {
  it("are all, or equal parts of them, so that at most 2²² numbers are fed at once", () => {
    // A transition is [s, s′, a, r, γ], 7 numbers; a step takes 4 × (6 + 2) of them.
    const perStep = 4 * 8 * 7;
    const most = Math.floor(2 ** 22 / perStep);
    expect(stepsOfRun(most, spaces, sizes)).toBe(most);
    expect(stepsOfRun(most + 1, spaces, sizes)).toBe(Math.ceil((most + 1) / 2));
    expect(stepsOfRun(3 * most, spaces, sizes)).toBe(most);
    expect(stepsOfRun(1, spaces, sizes)).toBe(1);
    // Observations of one of five places are encoded as five numbers.
    const places = { ...spaces, observationSpace: discrete(5) };
    const fewer = Math.floor(2 ** 22 / (4 * 8 * 13));
    expect([stepsOfRun(fewer, places, sizes), stepsOfRun(fewer + 1, places, sizes)]).toEqual([
      fewer,
      Math.ceil((fewer + 1) / 2),
    ]);
  });
});

describe("trials of off-policy learners", () => {
  it("have two episodes, and actions in a bounded box", async () => {
    const problem = await problemOf("PointGoal-v0");
    expect(boxTrials("test", problem)).toMatchObject({ episodes: 2, steps: 40 });
    const single = await problemOf("PointGoal-v0", { episodesPerTask: 1 });
    expect(() => boxTrials("test", single)).toThrow("a trial of PointGoal-v0 has 1");
    expect(() => boxTrials("test", { ...problem, actionSpace: discrete(3) })).toThrow(
      /test needs actions in a bounded box, not .*; use rl2/,
    );
    const actionSpace = box([1], -1, Number.POSITIVE_INFINITY);
    expect(() => boxTrials("test", { ...problem, actionSpace })).toThrow(/bound/);
  });
});

it("the state before the first round has a trial in every environment, and replays of the training tasks", async () => {
  const problem = await problemOf("PointGoal-v0");
  const options = {
    environments: 2,
    tasks: { train: 3, test: 1, seed: 0, balanced: true },
    replaySize: 90,
    contextEpisodes: 1,
  };
  const trial = boxTrials("test", problem);
  const parts = {
    trial,
    policy: { act: async () => [], memoryWidth: 5 },
    trainer: {},
    networks: {},
    sizes,
    most: 2,
  };
  const start = async () =>
    startRounds(problem, parts as unknown as Parameters<typeof startRounds>[1], options, createRng(4));
  const state = await start();
  expect(state.live.tasks).toEqual(taskSet(trial.family, options.tasks).train);
  expect([state.replays.all.length, state.replays.first.length]).toEqual([3, 3]);
  expect(state.environments.count).toBe(2);
  expect(state.memory).toHaveLength(2 * 5);
  expect((await start()).environments.observations).toEqual(state.environments.observations);
});

describe("a round of gradient steps", () => {
  type Networks = { temperature: TrainState };

  /** Two tasks, with replays that hold an episode of `played` of them. */
  function started(played: number, most: number) {
    const replays = taskReplays(spaces, 2, 3, { replaySize: 50, contextEpisodes: 1 });
    for (let task = 0; task < played; task++) {
      const values = Float32Array.from({ length: 6 }, (_, k) => 10 * task + k);
      const rows = {
        observations: values,
        nextObservations: values.map((x) => x + 0.5),
        actions: Float32Array.of(task, task, task),
        rewards: [1, 2, 3].map((r) => r + 10 * task),
        terminated: Uint8Array.of(0, 0, 1),
      };
      replays.all[task].add(rows);
      replays.first[task].add(rows);
    }
    const runs: { steps: number; feeds: Record<string, ArrayLike<number>> }[] = [];
    const state = {
      networks: { temperature: { parameters: Float32Array.of(Math.log(0.25)) } },
      replays,
      replayRng: createRng("replay"),
      live: {
        most,
        batches: new MetaBatches(spaces, sizes, 3, most),
        trainer: {
          async run(_: Networks, feeds: Record<string, ArrayLike<number>>, steps: number) {
            runs.push({
              steps,
              feeds: Object.fromEntries(Object.entries(feeds).map(([k, x]) => [k, Array.from(x)])),
            });
            return { means: { loss: runs.length, other: -runs.length } };
          },
        },
      },
    } as unknown as RoundState<Networks>;
    return { state, runs };
  }

  it("waits until every training task was played", async () => {
    const { state, runs } = started(1, 2);
    expect(await learnRound(state, { gradientSteps: 5, discount: 0.9 }, () => ({}))).toEqual({});
    expect(runs).toEqual([]);
  });

  it("takes the steps in runs with new batches, and reports the mean over steps", async () => {
    const { state, runs } = started(2, 2);
    let asked = 0;
    const metrics = await learnRound(state, { gradientSteps: 5, discount: 0.9 }, ({ tasks }) => {
      asked++;
      return { tasks };
    });
    expect(runs.map(({ steps }) => steps)).toEqual([2, 2, 1]);
    expect(asked).toBe(3);
    expect(metrics.loss).toBeCloseTo((2 * 1 + 2 * 2 + 1 * 3) / 5, 12);
    expect(metrics.other).toBeCloseTo(-(2 * 1 + 2 * 2 + 1 * 3) / 5, 12);
    expect(metrics.temperature).toBeCloseTo(0.25, 6);
    const [{ feeds: first }, { feeds: second }] = runs;
    expect(first.observations).not.toEqual(second.observations);
    for (const { feeds } of runs) {
      for (let k = 0; k < 2 * sizes.metaBatch * sizes.minibatchSize; k++) {
        const [s, a] = [feeds.observations[2 * k], feeds.actions[k]];
        const step = (s - 10 * a) / 2;
        expect([0, 1, 2]).toContain(step);
        expect(feeds.nextObservations[2 * k]).toBe(s + 0.5);
        expect(feeds.returns[k]).toBe(step + 1 + 10 * a);
        expect(feeds.discounts[k]).toBeCloseTo(step === 2 ? 0 : 0.9, 6);
      }
      for (let k = 0; k < 2 * sizes.metaBatch * sizes.contextSize; k++) {
        const [s, a] = [feeds.contextObservations[2 * k], feeds.contextActions[k]];
        expect(feeds.contextRewards[k]).toBe((s - 10 * a) / 2 + 1 + 10 * a);
        expect(a).toBe(feeds.tasks[Math.floor(k / sizes.contextSize)]);
      }
    }
  });
});
