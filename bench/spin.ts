/** @file An environment with a given processor time per step, to measure the largest possible gain of worker threads. */

import { register } from "../src/env/registry.js";

/** An environment that is busy for `microseconds` µs at each step. */
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
