/** @file A2C: PPO with one gradient step on each rollout. */

import { describe, expect, it } from "vitest";
import { a2c, ppo } from "../../../algorithms/index.js";
import "../../../envs/index.js";
import { problemOf } from "../../../src/env/problem.js";
import { evaluateOn } from "../../../src/measure/evaluate.js";
import { createRng } from "../../../src/random/rng.js";
import { target } from "../../support/environments.js";

describe("a2c", () => {
  it("takes one step per rollout, unclipped: the policy gradient", async () => {
    const problem = await problemOf("CartPole-v1");
    const a2cLike = { environments: 8, rolloutSteps: 8, minibatchSize: 64, epochs: 1, gaeLambda: 1 };
    const same = {
      learningRate: 7e-4,
      discount: 0.99,
      optimiser: "rmsprop",
      normaliseAdvantages: false,
    } as const;
    const learners = [a2c(), ...[0.01, 10].map((clip) => ppo({ ...a2cLike, ...same, clip }))];
    const [preset, ...others] = await Promise.all(
      learners.map(async (algorithm) => {
        const state = await algorithm.init(problem, createRng(3));
        await algorithm.update(state);
        await algorithm.update(state);
        return state;
      }),
    );
    expect(preset.network.steps).toBe(2);
    expect(preset.network.slots).toHaveLength(1);
    const furthest = (a: Float32Array, b: Float32Array) => Math.max(...a.map((x, i) => Math.abs(x - b[i])));
    // The ratio is 1 to float32 rounding only, and RMSprop divides a gradient by its own size.
    for (const other of others)
      expect(furthest(other.network.parameters, preset.network.parameters)).toBeLessThan(1e-3);
  });

  it("finds the action of the one-step problem −(a − 0.7)²", async () => {
    const problem = await problemOf(() => target({ goal: 0.7 }));
    const algorithm = a2c({ environments: 32, learningRate: 5e-3, hidden: [16] });
    const state = await algorithm.init(problem, createRng(0));
    for (let i = 0; i < 120; i++) await algorithm.update(state);
    const { mean } = await evaluateOn(problem, algorithm.policy(state), { episodes: 4, rng: createRng(0) });
    expect(mean).toBeGreaterThan(-0.02);
  });

  it("has no options that a single step would make ineffective", () => {
    const ineffective = { epochs: 4, minibatchSize: 8, clip: 0.3, valueClip: 0.2 };
    for (const [name, value] of Object.entries(ineffective))
      expect(() => a2c({ [name]: value } as object)).toThrow(`a2c: unknown option "${name}"`);
    expect(a2c().options).not.toHaveProperty("clip");
    expect(() => a2c({ targetKl: 0.01 } as object)).toThrow(/a2c: unknown option "targetKl"/);
  });
});
