/** @file A task family with a hidden number, which the rewards of the first episode tell. */

import * as z from "zod";
import { environmentOf } from "../../src/env/array-environments.js";
import type { Environment, TaskFamily } from "../../src/env/contracts.js";
import { taskChecker } from "../../src/env/task-families.js";
import { box } from "../../src/spaces/index.js";

export type HiddenNumber = { number: number };

const tasks: TaskFamily<HiddenNumber> = {
  clusters: 1,
  sampleTask: (rng) => ({ number: 2 * rng.uniform() - 1 }),
  clusterOf: () => 0,
  checkTask: taskChecker("HiddenNumber", z.strictObject({ number: z.number().min(-1).max(1) })),
};

/**
 * Trials of two episodes of four steps with one observation. A step costs the distance of the action from the number, so
 * that an agent that does not know it loses 2 an episode in the mean, and one that does loses nothing.
 */
export const hiddenNumber = (): Environment => hiddenNumberWithin(Infinity);

/** The same, where an action farther than `limit` from the number ends the episode. */
export function hiddenNumberWithin(limit: number): Environment {
  return environmentOf({
    id: "HiddenNumber",
    observationSpace: box([1], -1, 1),
    actionSpace: box([1], -1, 1),
    maxEpisodeSteps: 4,
    episodesPerTask: 2,
    resetOptions: [],
    tasks,
    dynamics(count) {
      const numbers = new Float32Array(count);
      return {
        state: {},
        setTask(i, { number }: HiddenNumber) {
          numbers[i] = number;
        },
        reset() {},
        step(actions, _rngs, rewards, terminated) {
          for (let i = 0; i < count; i++) {
            rewards[i] = -Math.abs(actions[i] - numbers[i]);
            terminated[i] = rewards[i] < -limit ? 1 : 0;
          }
        },
        observe(from, to, out) {
          out.fill(0, from, to);
        },
      };
    },
  });
}
