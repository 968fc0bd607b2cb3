/** @file An environment that costs a given time a step: what worker threads gain on it is what they can gain. */

import { register } from "../src/env/registry.js";

/** Busy for so long (µs) at each step. */
function spin(microseconds: number) {
  const observation = new Float32Array(4);
  return {
    observationSpace: { shape: [4] },
    actionSpace: { n: 2 },
    reset: () => observation,
    step() {
      const end = performance.now() + microseconds / 1000;
      while (performance.now() < end);
      return { observation, reward: 1, terminated: false, truncated: false };
    },
  };
}

register({
  id: "Spin-v0",
  make: ({ microseconds = 50 }) => spin(microseconds as number),
  module: import.meta.url,
});
