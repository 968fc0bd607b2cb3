/** @file DQN learns. Each problem with a control that fails. */

import { describe, expect, it } from "vitest";
import { dqn } from "../../algorithms/index.js";
import type { DqnOptions } from "../../algorithms/rl/dqn.js";
import { evaluate, train } from "../../index.js";
import { identity } from "../support/toys.js";

/** Letters in an episode. */
const LENGTH = 8;

describe("dqn on the identity problem", () => {
  const score = async (options: DqnOptions, shuffled = false) => {
    const small: DqnOptions = {
      hidden: [32],
      discount: 0.5,
      learningRate: 3e-3,
      learningStarts: 200,
      exploration: { from: 1, to: 0.1, steps: 2000 },
    };
    const env = () => identity({ shuffled });
    const policy = await train(dqn({ ...small, ...options }), { env, steps: 3000, seed: 0 });
    return (await evaluate(policy, { env, episodes: 50, seed: 1 })).mean / LENGTH;
  };

  it.each<DqnOptions>([
    {},
    { double: false, nStep: 2, targetEvery: 1, tau: 0.02 },
    { duelling: true, prioritised: true, environments: 2 },
  ])("learns the correct action for every letter with %o", async (options) => {
    expect(await score(options)).toBe(1);
  });

  it("stays at chance if the rewards are for another letter", async () => {
    expect(await score({}, true)).toBeLessThan(0.35);
  });
});

describe("dqn on CartPole-v1", () => {
  const steps = 20_000;
  const score = async (options: DqnOptions, seed: number) => {
    const short: DqnOptions = {
      learningRate: { from: 2e-3, to: 5e-5, steps },
      exploration: { from: 1, to: 0.05, steps: 6000 },
    };
    const policy = await train(dqn({ ...short, ...options }), { env: "CartPole-v1", steps, seed });
    return (await evaluate(policy, { env: "CartPole-v1", episodes: 20, seed: 100 + seed })).mean;
  };
  const median = async (options: DqnOptions) =>
    [await score(options, 0), await score(options, 1), await score(options, 2)].sort((a, b) => a - b)[1];

  it("balances for over 200 steps after 20 000 steps, in the median of 3 seeds", async () => {
    expect(await median({})).toBeGreaterThan(200);
  });

  it("does not with a discount of 0: every step pays 1", async () => {
    expect(await score({ discount: 0 }, 0)).toBeLessThan(100);
  });
});
