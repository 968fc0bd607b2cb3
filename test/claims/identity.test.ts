/** @file The identity problem, for every on-policy learner; off-policy learners have it in their own tests. */

import { describe, expect, it } from "vitest";
import { a2c, ppo } from "../../algorithms/index.js";
import { evaluate, train } from "../../index.js";
import type { Algorithm } from "../../src/learning/contract.js";
import { underSeeds } from "../support/claim.js";
import { identity } from "../support/toys.js";

interface Learner {
  algorithm: () => Algorithm;
  steps: number;
}

const learners: Record<string, Learner> = {
  ppo: { algorithm: () => ppo({ hidden: [16], learningRate: 1e-2, epochs: 6, discount: 0.5 }), steps: 4096 },
  a2c: { algorithm: () => a2c({ hidden: [16], learningRate: 2e-2, discount: 0.5 }), steps: 8192 },
};

describe.each(Object.entries(learners))("%s", (_, { algorithm, steps }) => {
  it.each([
    ["a letter", "letter", [0, 1]],
    ["digits, with several choices per step,", "digits", [0]],
    ["bits, with several choices per step,", "bits", [0]],
  ] as const)("learns %s, and stays at chance if the rewards are for a hidden letter", async (...given) => {
    const [, named, seeds] = given;
    const variants = { shown: false, hidden: true };
    const { shown, hidden } = await underSeeds(seeds, variants, async (shuffled, seed) => {
      const env = () => identity({ shuffled, named });
      const policy = await train(algorithm(), { env, steps, seed });
      return (await evaluate(policy, { env, episodes: 40, seed, deterministic: true })).mean / 8;
    });
    expect(Math.min(...shown)).toBe(1);
    expect(Math.max(...hidden)).toBeLessThan(0.4);
  });
});
