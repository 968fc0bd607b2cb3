/** @file The identity problem, for every on-policy learner; off-policy learners have it in their own tests. */

import { describe, expect, it } from "vitest";
import { a2c, ppo } from "../../algorithms/index.js";
import { evaluate, train } from "../../index.js";
import type { Algorithm } from "../../src/learning/contract.js";
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
  const score = async (shuffled: boolean, seed: number, named: "letter" | "digits" | "bits" = "letter") => {
    const env = () => identity({ shuffled, named });
    const policy = await train(algorithm(), { env, steps, seed });
    return (await evaluate(policy, { env, episodes: 40, seed, deterministic: true })).mean / 8;
  };

  it("learns the correct action for every letter, under each of 3 seeds", async () => {
    for (let seed = 0; seed < 3; seed++) expect(await score(false, seed)).toBe(1);
  });

  it.each(["digits", "bits"] as const)("learns it as %s, with several choices per step", async (named) => {
    expect(await score(false, 0, named)).toBe(1);
    expect(await score(true, 0, named)).toBeLessThan(0.4);
  });

  it("stays at chance if the rewards are for a hidden letter", async () => {
    expect(await score(true, 0)).toBeLessThan(0.4);
  });
});
