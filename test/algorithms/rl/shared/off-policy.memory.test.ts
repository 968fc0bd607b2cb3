/** @file Memory use of off-policy learners stays constant over a million environment steps. */

import { describe, expect, it } from "vitest";
import { dqn } from "../../../../algorithms/rl/dqn.js";
import "../../../../envs/index.js";
import { sac } from "../../../../algorithms/rl/sac.js";
import { problemOf } from "../../../../src/env/problem.js";
import type { Algorithm } from "../../../../src/learning/contract.js";
import { createRng } from "../../../../src/random/rng.js";

const MIB = 2 ** 20;

/** Many environments, a small network and few gradient steps, so that a million steps take a second or two. */
const few = {
  environments: 512,
  hidden: [16],
  minibatchSize: 64,
  replaySize: 51_200,
  trainEvery: 16_384,
  gradientSteps: 16,
};

describe.each<[string, string, Algorithm]>([
  ["dqn", "CartPole-v1", dqn(few) as Algorithm],
  ["sac", "Pendulum-v1", sac(few) as Algorithm],
])("%s on %s", (_, env, algorithm) => {
  it(
    "uses the same memory after a million steps as when its replay buffer is full",
    { timeout: 60_000 },
    async () => {
      const state = (await algorithm.init(await problemOf(env), createRng(0))) as { steps: number };
      const used = async (steps: number) => {
        while (state.steps < steps) await algorithm.update(state);
        const { rss, arrayBuffers, heapUsed } = process.memoryUsage();
        return { rss, arrayBuffers, heapUsed };
      };
      const before = await used(200_000);
      const after = await used(1_000_000);
      expect(state.steps).toBeGreaterThanOrEqual(1_000_000);
      // A replay that grew with the steps would take 29 MiB more; what is not collected yet moves up and down.
      expect((after.arrayBuffers - before.arrayBuffers) / MIB).toBeLessThan(16);
      expect((after.heapUsed - before.heapUsed) / MIB).toBeLessThan(40);
      expect((after.rss - before.rss) / MIB).toBeLessThan(100);
    },
  );
});
