/** @file Distribution matching from samples: ratios as rewards. */

import { describe, expect, it } from "vitest";
import { distributionMatching, ratioReward } from "../../../algorithms/imitation/distribution-matching.js";
import { collect, train } from "../../../index.js";
import { type DivergenceKind, divergenceKinds } from "../../../src/diagnostics/index.js";
import { problemOf } from "../../../src/env/problem.js";
import { UniformPolicy } from "../../../src/policies/index.js";

describe("matching from samples", () => {
  it("reports a divergence only after an off-policy optimiser has requested rewards", async () => {
    const env = "Pendulum-v1";
    const { observationSpace, actionSpace } = await problemOf(env);
    const shown = await collect(new UniformPolicy(observationSpace, actionSpace), {
      env,
      episodes: 1,
      seed: 0,
    });
    const optimiser = { algorithm: "sac", hidden: [8], minibatchSize: 8, learningStarts: 64, trainEvery: 32 };
    const algorithm = distributionMatching({ demonstrations: shown, optimiser });
    const { metrics } = await train.run(algorithm, { env, steps: 160, seed: 0 });
    expect(metrics[0].jensenShannon).toBeUndefined();
    expect(metrics.at(-1)!.jensenShannon).toBeLessThan(Math.LN2);
  });
});

describe("the reward of a ratio", () => {
  const functions: Record<DivergenceKind, (u: number) => number> = {
    kl: (u) => u * Math.log(u),
    "reverse-kl": (u) => -Math.log(u),
    js: (u) => (u * Math.log(u) - (1 + u) * Math.log((1 + u) / 2)) / 2,
    tv: (u) => Math.abs(u - 1) / 2,
  };

  it.each(divergenceKinds)("of %s is u f′(u) − f(u), less its value at u = 1", (kind) => {
    const f = functions[kind];
    const h = 1e-6;
    const conjugate = (u: number) => (u * (f(u + h) - f(u - h))) / (2 * h) - f(u);
    for (const logRatio of [-3, -1, -0.1, 0.1, 1, 3]) {
      expect(ratioReward(kind, logRatio)).toBeCloseTo(conjugate(Math.exp(logRatio)) - conjugate(1), 5);
    }
    expect(ratioReward(kind, 0)).toBeCloseTo(0, 15);
  });

  it("of KL grows with the ratio up to 100, where a few transitions would outweigh all others", () => {
    expect(ratioReward("kl", Math.log(90))).toBeCloseTo(89, 9);
    for (const logRatio of [Math.log(100), 5, 50]) expect(ratioReward("kl", logRatio)).toBeCloseTo(99, 9);
  });

  it.each(divergenceKinds)("of %s is finite and never decreases with the ratio", (kind) => {
    let last = -Infinity;
    for (let logRatio = -50; logRatio <= 50; logRatio += 0.5) {
      const reward = ratioReward(kind, logRatio);
      expect(reward).toBeGreaterThanOrEqual(last);
      last = reward;
    }
    expect(Number.isFinite(last)).toBe(true);
  });
});
