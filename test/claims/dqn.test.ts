/** @file DQN learns, beside controls. More seeds are in docs/evidence/reinforcement-learning.md. */

import { describe, expect, it } from "vitest";
import { dqn } from "../../algorithms/index.js";
import type { DqnOptions } from "../../algorithms/rl/dqn.js";
import { evaluate, train } from "../../index.js";
import { underSeeds } from "../support/claim.js";
import { identity } from "../support/toys.js";

/** Letters in an episode. */
const LENGTH = 8;

describe("dqn on the identity problem", () => {
  it.each<DqnOptions>([
    {},
    { double: false, nStep: 2, targetEvery: 1, tau: 0.02 },
    { duelling: true, prioritised: true, environments: 2 },
  ])("learns every letter, and stays at chance if the rewards are for another one, with %o", async (options) => {
    const small: DqnOptions = {
      hidden: [32],
      discount: 0.5,
      learningRate: 3e-3,
      learningStarts: 200,
      exploration: { from: 1, to: 0.1, steps: 2000 },
    };
    const { own, another } = await underSeeds([0], { own: false, another: true }, async (shuffled, seed) => {
      const env = () => identity({ shuffled });
      const policy = await train(dqn({ ...small, ...options }), { env, steps: 3000, seed });
      return (await evaluate(policy, { env, episodes: 50, seed: 1 })).mean / LENGTH;
    });
    expect(own).toEqual([1]);
    expect(Math.max(...another)).toBeLessThan(0.35);
  });
});

describe("dqn on CartPole-v1", () => {
  const env = "CartPole-v1";
  const steps = 20_000;

  it("balances for over 200 steps under one of two seeds, and not with a discount of 0", async () => {
    // With a discount of 0 every step is worth 1, whatever is done.
    const variants: Record<"far" | "blind", DqnOptions> = { far: {}, blind: { discount: 0 } };
    const { far, blind } = await underSeeds([0, 1], variants, async (options, seed) => {
      const short: DqnOptions = {
        learningRate: { from: 2e-3, to: 5e-5, steps },
        exploration: { from: 1, to: 0.05, steps: 6000 },
      };
      const policy = await train(dqn({ ...short, ...options }), { env, steps, seed });
      return (await evaluate(policy, { env, episodes: 20, seed: 100 + seed })).mean;
    });
    expect(Math.max(...far)).toBeGreaterThan(200);
    expect(Math.max(...blind)).toBeLessThan(100);
  });
});
