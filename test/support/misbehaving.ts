/** @file An environment for worker threads, registered by this module, with actions that throw, hang or exit. */

import { register } from "../../src/env/registry.js";

export interface Options {
  /** What action 9 does. */
  misdeed?: keyof typeof misdeeds;
  /** Steps of an episode. */
  length?: number;
  /** Counts how many environments have been closed, in whichever thread: one Int32 of shared memory. */
  closed?: SharedArrayBuffer;
  unsaveable?: boolean;
  /** Counts the environments that were made, and widens the bounds of each: one Int32 of shared memory. */
  widened?: SharedArrayBuffer;
}

const misdeeds = {
  throws() {
    throw new Error("the pole fell off");
  },
  exits() {
    process.exit(3);
  },
  /** Nobody is there to catch it. */
  later() {
    setTimeout(() => {
      throw new Error("an afterthought");
    });
  },
  loops() {
    for (;;);
  },
  hoards() {
    const hoard: number[][] = [];
    for (;;) hoard.push(new Array(1000).fill(hoard.length));
  },
};

/** Observes the time, and a number that depends on the seed and on all that has happened. */
function misbehaving({ misdeed = "throws", length = 5, closed, unsaveable = false, widened }: Options = {}) {
  const high = 1009 + (widened ? Atomics.add(new Int32Array(widened), 0, 1) : 0);
  let time = 0;
  let number = 0;
  const observation = () => [time, number];
  return {
    observationSpace: { kind: "box", shape: [2], low: [0, 0], high: [1009, high] } as const,
    actionSpace: { kind: "discrete", n: 10, start: 0 } as const,
    reset({ seed, options }: { seed?: number; options?: { fail?: boolean } } = {}) {
      if (options?.fail) throw new Error("no such start");
      if (seed !== undefined) number = seed % 1009;
      time = 0;
      return observation();
    },
    step(action: number) {
      time++;
      number = (number * 31 + action) % 1009;
      if (action === 9) misdeeds[misdeed]();
      const terminated = time >= length;
      return { observation: observation(), reward: action + number, terminated, truncated: false };
    },
    ...(!unsaveable && {
      getState: () => ({ time, number }),
      setState(saved: unknown) {
        ({ time, number } = saved as { time: number; number: number });
      },
    }),
    close() {
      if (closed) Atomics.add(new Int32Array(closed), 0, 1);
    },
  };
}

register({
  id: "Misbehaving-v0",
  make: (options) => misbehaving(options as Options),
  module: import.meta.url,
});
