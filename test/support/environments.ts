/** @file Environments with known optimal values. */

import type { Environment } from "../../src/env/contracts.js";
import { box, discrete } from "../../src/spaces/index.js";

/** Reward 1 at every step, cut by a time limit of `limit` steps; the observation is always 0. */
export function constantReward({ limit }: { limit: number }): Environment {
  let steps = 0;
  return {
    id: "ConstantReward",
    observationSpace: box([1], 0, 1),
    actionSpace: discrete(2),
    reset() {
      steps = 0;
      return { observation: new Float32Array(1), info: {} };
    },
    step() {
      steps++;
      return {
        observation: new Float32Array(1),
        reward: 1,
        terminated: false,
        truncated: steps >= limit,
        info: {},
      };
    },
    getState: () => steps,
    setState(state) {
      steps = state as number;
    },
  };
}

/** One step: reward −(a − goal)², times `sign`. */
export function target({ goal, sign = 1 }: { goal: number; sign?: number }): Environment {
  return {
    id: "Target",
    observationSpace: box([1], 0, 1),
    actionSpace: box([1], -2, 2),
    reset: () => ({ observation: new Float32Array(1), info: {} }),
    step(action) {
      const distance = (typeof action === "number" ? action : action[0]) - goal;
      const reward = -sign * distance * distance;
      return { observation: new Float32Array(1), reward, terminated: true, truncated: false, info: {} };
    },
    getState: () => null,
    setState() {},
  };
}
