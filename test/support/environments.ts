/** @file Environments with known optimal values. */

import type { Environment } from "../../src/env/contracts.js";
import type { Controller } from "../../src/policies/controller.js";
import { createRng, type Rng } from "../../src/random/rng.js";
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

/**
 * A point on a line, 10 steps long whatever happens: an action moves it by half of itself, and a step costs the square of
 * its distance from `goal`, where {@link reachExpert} brings it in at most four steps.
 */
export function reach({ goal = 0.5 }: { goal?: number } = {}): Environment {
  let rng = createRng(0);
  let [at, steps] = [0, 0];
  return {
    id: "Reach",
    observationSpace: box([1], -2, 2),
    actionSpace: box([1], -1, 1),
    reset({ seed } = {}) {
      if (seed !== undefined) rng = createRng(seed);
      [at, steps] = [2 * rng.uniform() - 1, 0];
      return { observation: Float32Array.of(at), info: {} };
    },
    step(action) {
      const move = typeof action === "number" ? action : action[0];
      at = Math.min(2, Math.max(-2, at + move / 2));
      steps++;
      const reward = -((at - goal) ** 2);
      return {
        observation: Float32Array.of(at),
        reward,
        terminated: false,
        truncated: steps === 10,
        info: {},
      };
    },
    getState: () => ({ at, steps, rng: { ...rng.getState() } }),
    setState(state) {
      const saved = state as unknown as { at: number; steps: number; rng: ReturnType<Rng["getState"]> };
      ({ at, steps } = saved);
      rng.setState(saved.rng);
    },
  };
}

/** The best controller of {@link reach}. */
export const reachExpert =
  (goal = 0.5): Controller =>
  (observation) => [Math.min(1, Math.max(-1, 2 * (goal - (observation as Float32Array)[0])))];
