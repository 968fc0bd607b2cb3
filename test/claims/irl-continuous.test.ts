/** @file Sampled inverse RL learns with continuous states and actions. With controls that fail. */

import { beforeAll, describe, expect, it } from "vitest";
import { continuousTask, sampledMethods } from "../../experiments/irl/sampled.js";
import { train } from "../../index.js";

/** Rounds that are enough, where the experiment has more, and the least score; more seeds are in experiments/results/irl-sampled.json. */
const claims = {
  "CartPole-v1": {
    "max-margin": { iterations: 6, least: 0.8 },
    gameTheoretic: { iterations: 14, least: 0.7 },
    maxCausalEntIrl: { iterations: 34, least: 0.8 },
    network: { iterations: 30, least: 0.8 },
  },
  "Pendulum-v1": {
    "max-margin": { iterations: 6, least: 0.7 },
    maxCausalEntIrl: { iterations: 30, least: 0.85 },
  },
};

describe.each(Object.entries(claims))("inverse reinforcement learning on %s", (env, methods) => {
  let task: Awaited<ReturnType<typeof continuousTask>>;
  beforeAll(async () => {
    task = await continuousTask(env);
  });

  const scoreOf = async (method: string, by: "expert" | "random", iterations: number, seed: number) => {
    const algorithm = sampledMethods[env][method]({ demonstrations: task[by], iterations });
    return task.score(await train(algorithm, { env, seed }), seed);
  };

  it.each(Object.entries(methods))(
    "%s learns from ten episodes of the expert, and not from ten random ones",
    async (method, { iterations, least }) => {
      expect(await scoreOf(method, "expert", iterations, 0)).toBeGreaterThanOrEqual(least);
      const control = await scoreOf(method, "random", Math.ceil(iterations / 2), 0);
      expect(control).toBeLessThan(0.3);
    },
    360_000,
  );
});
