/** @file A task that requires memory. */

import type { Environment } from "../../src/env/contracts.js";
import { createRng } from "../../src/random/rng.js";
import { box, discrete } from "../../src/spaces/index.js";

/**
 * The first of `length` observations is a cue, −1 or 1, the others are 0. Every action that names the cue (0 or 1) earns
 * 1: with memory `length` a episode, without it (length + 1) / 2 at best.
 */
export function recall({ length }: { length: number }): Environment {
  const rng = createRng("cue");
  let cue = 0;
  let steps = 0;
  return {
    id: "Recall",
    observationSpace: box([1], -1, 1),
    actionSpace: discrete(2),
    reset({ seed } = {}) {
      if (seed !== undefined) rng.setState(createRng(seed).getState());
      cue = rng.integer(2);
      steps = 0;
      return { observation: Float32Array.of(2 * cue - 1), info: {} };
    },
    step(action) {
      steps++;
      const reward = action === cue ? 1 : 0;
      const observation = new Float32Array(1);
      return { observation, reward, terminated: steps === length, truncated: false, info: {} };
    },
    getState: () => ({ rng: { ...rng.getState() }, cue, steps }),
    setState(state) {
      const saved = state as unknown as { rng: ReturnType<typeof rng.getState>; cue: number; steps: number };
      rng.setState(saved.rng);
      ({ cue, steps } = saved);
    },
  };
}
