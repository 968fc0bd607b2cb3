/** @file Trials for off-policy learners: what each replay gets, the returns, the memory, and episodes that end early. */

import { expect, it } from "vitest";
import * as z from "zod";
import { type PlayingState, playTrials, trialProgress } from "../../../../algorithms/meta/shared/play.js";
import { StepReader, taskReplays } from "../../../../algorithms/meta/shared/task-replays.js";
import { noEpisodes } from "../../../../algorithms/shared/episodes.js";
import { environmentOf } from "../../../../src/env/array-environments.js";
import type { TaskFamily } from "../../../../src/env/contracts.js";
import { taskChecker } from "../../../../src/env/task-families.js";
import { makeVector } from "../../../../src/env/vector.js";
import { createRng } from "../../../../src/random/rng.js";
import { box } from "../../../../src/spaces/index.js";
import { snapshot } from "../../../../src/state/snapshot.js";

type Pay = { pay: number };
const tasks: Pay[] = [{ pay: 1 }, { pay: 10 }, { pay: 100 }];
const family: TaskFamily<Pay> = {
  clusters: 1,
  sampleTask: (rng) => ({ pay: rng.uniform() }),
  clusterOf: () => 0,
  checkTask: taskChecker("Shifts", z.strictObject({ pay: z.number() })),
};
const spaces = { id: "Shifts", observationSpace: box([1], 0, 99), actionSpace: box([1], -1, 1) };
const [COUNT, HORIZON, EPISODES] = [2, 3, 2];

/** Observes the time of the episode; a step pays the task's reward, and an action above 0.5 ends the episode. */
const shifts = () =>
  environmentOf({
    ...spaces,
    maxEpisodeSteps: HORIZON,
    resetOptions: [],
    tasks: family,
    episodesPerTask: EPISODES,
    dynamics(copies) {
      const pay = new Float64Array(copies);
      const time = new Int32Array(copies);
      return {
        state: { time },
        setTask(i, task: Pay) {
          pay[i] = task.pay;
        },
        reset(i) {
          time[i] = 0;
        },
        step(actions, _, rewards, terminated) {
          for (let i = 0; i < copies; i++) {
            time[i]++;
            rewards[i] = pay[i];
            terminated[i] = Number(actions[i] > 0.5);
          }
        },
        observe(from, to, out) {
          for (let i = from; i < to; i++) out[i] = time[i];
        },
      };
    },
  });

async function started(ends: (step: number, i: number) => boolean = () => false) {
  const vector = await makeVector(shifts, COUNT, { seed: 0 });
  const taskRng = createRng("tasks");
  const progress = trialProgress(vector, 1, tasks, taskRng);
  const memories: number[][] = [];
  const state: PlayingState = {
    steps: 0,
    ...noEpisodes(),
    ...progress,
    replays: taskReplays(spaces, tasks.length, HORIZON, { replaySize: 50, contextEpisodes: 2 }),
    actionRng: createRng("actions"),
    taskRng,
    live: {
      trial: { family, episodes: EPISODES, horizon: HORIZON, steps: HORIZON * EPISODES },
      tasks,
      reader: new StepReader(progress.environments, spaces),
      policy: {
        async act(_, { state: memory }) {
          memories.push([...memory!]);
          const step = memories.length - 1;
          return {
            actions: Float32Array.from({ length: COUNT }, (_, i) => (ends(step, i) ? 1 : -0.25 * (i + 1))),
            logProbs: new Float32Array(COUNT),
            state: memory!.map((m) => m + 1),
          };
        },
      },
    },
  };
  const stored = () => {
    const saved = snapshot(state.replays) as unknown as Record<
      "all" | "first",
      ({ stored: number } & Record<
        "rewards" | "actions" | "observations" | "nextObservations",
        Float32Array
      >)[]
    >;
    const read = (which: "all" | "first") =>
      saved[which].map(({ stored: n, rewards, actions, observations, nextObservations }) =>
        Array.from({ length: n }, (_, k) => [
          observations[k] ?? Number.NaN,
          actions[k],
          rewards[k],
          nextObservations?.[k],
        ]),
      );
    return { all: read("all"), first: read("first") };
  };
  return { state, memories, stored };
}

const sum = (x: number[]) => x.reduce((a, b) => a + b, 0);

it("a round is a trial of the dealt tasks: all transitions by task, and those of first episodes apart", async () => {
  const { state, memories, stored } = await started();
  const first = [...state.deck.playing];
  const metrics = await playTrials(state);
  const pays = first.map((task) => tasks[task].pay);
  const mean = (sum(pays) * HORIZON) / COUNT;
  expect(metrics).toEqual({
    steps: 12,
    episodes: 4,
    return: mean,
    returnEpisode1: mean,
    returnEpisode2: mean,
  });
  const { all, first: contexts } = stored();
  for (const [task, { pay }] of tasks.entries()) {
    const i = first.indexOf(task);
    expect([all[task].length, contexts[task].length]).toEqual(i < 0 ? [0, 0] : [6, 3]);
    for (const rows of [all[task], contexts[task]]) {
      expect(rows.map(([, action]) => action)).toEqual(rows.map(() => -0.25 * (i + 1)));
      expect(rows.map(([, , reward]) => reward)).toEqual(rows.map(() => pay));
    }
  }
  // The memory lives as long as the trial.
  expect(memories.map(([m]) => m)).toEqual([0, 1, 2, 3, 4, 5]);
  expect([...state.memory]).toEqual([0, 0]);
  // The third task comes before any other a second time.
  expect([...new Set([...first, ...state.deck.playing])].sort()).toEqual([0, 1, 2]);
  await playTrials(state);
  expect(state).toMatchObject({ steps: 24, episodes: 8 });
  expect(memories.slice(6).map(([m]) => m)).toEqual([0, 1, 2, 3, 4, 5]);
});

it("episodes that end early have their own returns, and are told to the check with their lengths", async () => {
  // Environment 0 ends its first episode after one step; then its second and the next trial go on without a gap.
  const { state } = await started((step, i) => i === 0 && step === 0);
  const [pay0, pay1] = [...state.deck.playing].map((task) => tasks[task].pay);
  const checked: [string, number, number][] = [];
  const metrics = await playTrials(state, (...told) => checked.push(told));
  expect(checked).toEqual([
    ["Shifts", 1, 3],
    ["Shifts", 3, 3],
    ["Shifts", 3, 3],
    ["Shifts", 3, 3],
  ]);
  expect(metrics).toMatchObject({
    returnEpisode1: (pay0 + 3 * pay1) / 2,
    returnEpisode2: (3 * pay0 + 3 * pay1) / 2,
    episodes: 4,
  });
  // Two steps of the next trial of environment 0 are paid in the next round.
  const pay = tasks[state.deck.playing[0]].pay;
  expect([...state.running]).toEqual([2 * pay, 0]);
  // An episode is done after its third step, and a trial after its sixth.
  const second = await playTrials(state);
  expect(second.episodes).toBe(8);
  expect([...state.running]).toEqual([2 * tasks[state.deck.playing[0]].pay, 0]);
});

it("a round in which no episode ends has no returns of episodes", async () => {
  const { state } = await started();
  state.live.trial = { ...state.live.trial, steps: 2 };
  expect(await playTrials(state)).toEqual({ steps: 4, episodes: 0 });
  expect(Object.keys(await playTrials(state))).toEqual(["steps", "episodes", "return", "returnEpisode1"]);
});
