/** @file A task family in which the first episode only tells what pays in the second, at a cost. */

import * as z from "zod";
import { environmentOf } from "../../src/env/array-environments.js";
import type { Environment, TaskFamily } from "../../src/env/contracts.js";
import { clusterField, taskChecker } from "../../src/env/task-families.js";
import { discrete } from "../../src/spaces/index.js";

export type RevealTask = { cluster: number; pays: number };

/** Actions 0 and 1 pay 1 or −1 in the second episode. Action 2 costs 0.1 and shows the task, as observation 1 or 2. */
const ASK = 2;

const tasks: TaskFamily<RevealTask> = {
  clusters: 2,
  sampleTask(rng) {
    const pays = rng.integer(2);
    return { cluster: pays, pays };
  },
  clusterOf: ({ cluster }) => cluster,
  checkTask: taskChecker("Reveal", z.strictObject({ cluster: clusterField(2), pays: z.int().min(0).max(1) })),
};

/**
 * Trials of two episodes of two steps. The best return of a trial is 0.9: ask in the first episode, then take what pays.
 * Without asking it is 0, in the mean.
 *
 * @param blind whether reading the task or its cluster throws
 */
export function reveal({ blind = false } = {}): Environment {
  const secret = (): never => {
    throw new Error("a learner has read the task");
  };
  const environment = environmentOf({
    id: "Reveal",
    observationSpace: discrete(3),
    actionSpace: discrete(3),
    maxEpisodeSteps: 2,
    episodesPerTask: 2,
    resetOptions: [],
    tasks: blind ? { ...tasks, clusterOf: secret } : tasks,
    dynamics(count) {
      const pays = new Int32Array(count);
      const state = {
        episode: new Int32Array(count),
        step: new Int32Array(count),
        shown: new Int32Array(count),
      };
      return {
        state,
        setTask(i, task: RevealTask) {
          pays[i] = task.pays;
          state.episode[i] = -1;
        },
        reset(i) {
          state.episode[i]++;
          state.step[i] = 0;
          state.shown[i] = 0;
        },
        step(actions, _rngs, rewards, terminated) {
          for (let i = 0; i < count; i++) {
            const isFirst = state.step[i]++ === 0;
            const asks = actions[i] === ASK;
            state.shown[i] = isFirst && asks && state.episode[i] === 0 ? 1 + pays[i] : 0;
            const wins = state.episode[i] === 1 && isFirst && !asks;
            rewards[i] = wins ? (actions[i] === pays[i] ? 1 : -1) : asks ? -0.1 : 0;
            terminated[i] = 0;
          }
        },
        observe(from, to, out) {
          for (let i = from; i < to; i++) out[i] = state.shown[i];
        },
      };
    },
  });
  return blind ? Object.assign(environment, { getTask: secret }) : environment;
}
