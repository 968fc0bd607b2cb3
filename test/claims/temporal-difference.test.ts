/** @file Q-learning and SARSA find the optimal policy of a slippery lake, and do not with a discount of 0. */

import { describe, expect, it } from "vitest";
import { qLearning, sarsa } from "../../algorithms/index.js";
import { make } from "../../envs/index.js";
import { train } from "../../index.js";
import type { TabularModel } from "../../src/env/contracts.js";
import type { Algorithm } from "../../src/learning/contract.js";
import { evaluatePolicy, policyReturn, valueIteration } from "../../src/mdp/index.js";
import { tabulate } from "../../src/policies/index.js";
import { underSeeds } from "../support/claim.js";

const value = async (model: TabularModel, policy: Awaited<ReturnType<typeof train>>) =>
  policyReturn(model, evaluatePolicy(model, await tabulate(policy, model)));

/** The value of what is learnt on FrozenLake, as a share of the optimal one, and that with a discount of 0. */
async function shares(algorithm: (options: { discount?: number }) => unknown) {
  const env = "FrozenLake-v1";
  const model = (await make(env)).model!();
  const best = policyReturn(model, valueIteration(model).values);
  return underSeeds([0, 1, 2], { far: {}, blind: { discount: 0 } }, async (options, seed) => {
    const policy = await train(algorithm(options) as Algorithm, { env, steps: 1_000_000, seed });
    return (await value(model, policy)) / best;
  });
}

describe("qLearning", () => {
  it("finds the optimal policy of FrozenLake, and not with a discount of 0", async () => {
    const { far, blind } = await shares((options) => qLearning({ exploration: 0.5, ...options }));
    for (const share of far) expect(share).toBeCloseTo(1, 6);
    expect(Math.max(...blind)).toBeLessThan(0.9);
  });
});

describe("sarsa", () => {
  it("comes close to it as exploration decays, and not with a discount of 0", async () => {
    const exploration = { from: 1, to: 0.02, steps: 800_000 };
    const { far, blind } = await shares((options) => sarsa({ exploration, ...options }));
    expect(Math.min(...far)).toBeGreaterThan(0.9);
    expect(Math.max(...blind)).toBeLessThan(0.9);
  });
});
