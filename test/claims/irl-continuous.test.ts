/** @file Sampled inverse RL learns with continuous states and actions. With controls that fail. */

import { beforeAll, describe, expect, it } from "vitest";
import { continuousTask, sampledMethods } from "../../experiments/irl/sampled.js";
import { type Demonstrations, train } from "../../index.js";
import type { Policy } from "../../src/policies/contract.js";
import { underSeeds } from "../support/claim.js";

/** Rounds that are enough, where the experiment has more, and the least score; more seeds are in experiments/results/irl-sampled.json. */
const claims = {
  "CartPole-v1": {
    "max-margin": { iterations: 6, least: 0.8 },
    gameTheoretic: { iterations: 14, least: 0.7 },
    maxCausalEntIrl: { iterations: 34, least: 0.8 },
  },
  "Pendulum-v1": { "max-margin": { iterations: 6, least: 0.7 } },
};

describe.each(Object.entries(claims))("inverse reinforcement learning on %s", (env, methods) => {
  let task: Record<"expert" | "random", Demonstrations>;
  let score: (policy: Policy, seed: number) => Promise<number>;
  beforeAll(async () => {
    ({ score, ...task } = await continuousTask(env));
  });

  it.each(Object.entries(methods))(
    "%s learns from ten episodes of the expert, and not from ten random ones",
    async (method, { iterations, least }) => {
      const { expert, random } = await underSeeds([0], task, async (demonstrations, seed) => {
        const algorithm = sampledMethods[env][method]({ demonstrations, iterations });
        return score(await train(algorithm, { env, seed }), seed);
      });
      expect(Math.min(...expert)).toBeGreaterThanOrEqual(least);
      expect(Math.max(...random)).toBeLessThan(0.3);
    },
    480_000,
  );
});
