/** @file Small problems that show whether a learner learns. */

import type { Environment } from "../../src/env/contracts.js";
import { createRng, type Rng } from "../../src/random/rng.js";
import { box, discrete, type Space } from "../../src/spaces/index.js";
import type { Action } from "../../src/spaces/values.js";

interface Saved {
  shown: number;
  paid: number;
  steps: number;
  rng: ReturnType<Rng["getState"]>;
}

/** Letters that `identity` shows. */
const LETTERS = 4;

/** How a letter is named: by its number, or by the two digits of that. */
const NAMES = {
  letter: { space: discrete(LETTERS), isRight: (action: Action, letter: number) => action === letter },
  digits: { space: { kind: "multi-discrete", sizes: [2, 2] } as Space, isRight: spells },
  bits: { space: { kind: "multi-binary", n: 2 } as Space, isRight: spells },
};

function spells(action: Action, letter: number): boolean {
  const [high, low] = action as number[];
  return 2 * high + low === letter;
}

/** Shows one of 4 letters at a time, 8 in an episode, and pays 1 for naming it; `shuffled`, for naming a hidden one. */
export function identity({
  shuffled = false,
  named = "letter",
}: {
  shuffled?: boolean;
  named?: keyof typeof NAMES;
} = {}): Environment {
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
    actionSpace: NAMES[named].space,
    reset({ seed } = {}) {
      if (seed !== undefined) rng = createRng(seed);
      steps = 0;
      return { observation: draw(), info: {} };
    },
    step(action) {
      const reward = Number(NAMES[named].isRight(action, paid));
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
