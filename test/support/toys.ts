/** @file The smallest problems that say whether a learner learns. */

import { createRng, type Rng } from "../../src/random/rng.js";
import type { Environment } from "../../src/rollout/contracts.js";
import { box, discrete } from "../../src/spaces/index.js";

interface Saved {
  shown: number;
  paid: number;
  steps: number;
  rng: ReturnType<Rng["getState"]>;
}

/** Letters that `identity` shows. */
const LETTERS = 4;

/** Shows one of 4 letters at a time, 8 in an episode, and pays 1 for naming it; `shuffled`, for naming a hidden one. */
export function identity({ shuffled = false } = {}): Environment {
  let rng = createRng(0);
  let [shown, paid, steps] = [0, 0, 0];
  const draw = () => {
    shown = rng.integer(LETTERS);
    paid = shuffled ? rng.integer(LETTERS) : shown;
    return shown;
  };
  return {
    id: "Identity",
    observationSpace: discrete(LETTERS),
    actionSpace: discrete(LETTERS),
    reset({ seed } = {}) {
      if (seed !== undefined) rng = createRng(seed);
      steps = 0;
      return { observation: draw(), info: {} };
    },
    step(action) {
      const reward = Number(action === paid);
      steps++;
      return { observation: draw(), reward, terminated: steps === 8, truncated: false, info: {} };
    },
    getState: () => ({ shown, paid, steps, rng: { ...rng.getState() } }),
    setState(state) {
      const saved = state as unknown as Saved;
      ({ shown, paid, steps } = saved);
      rng.setState(saved.rng);
    },
  };
}

/**
 * Shows how many steps there were, as one of `length` numbers, and pays 1 for each, whatever is done. After `length`
 * steps the episode is over or, as `ending` says, cut, the counter having come round to 0.
 */
export function counter(length: number, ending: "terminated" | "truncated"): Environment {
  let steps = 0;
  const row = () => Float32Array.from({ length }, (_, i) => Number(i === steps % length));
  return {
    id: "Counter",
    observationSpace: box([length], 0, 1),
    actionSpace: discrete(2),
    reset() {
      steps = 0;
      return { observation: row(), info: {} };
    },
    step() {
      steps++;
      const ended = steps === length;
      return {
        observation: row(),
        reward: 1,
        terminated: ended && ending === "terminated",
        truncated: ended && ending === "truncated",
        info: {},
      };
    },
    getState: () => steps,
    setState(state) {
      steps = state as number;
    },
  };
}
