/** @file Q-learning finds the optimal policy of a slippery lake, and does not with a discount of 0. */

import { describe, expect, it } from "vitest";
import { qLearning, sarsa } from "../../algorithms/index.js";
import { make } from "../../envs/index.js";
import { train } from "../../index.js";
import type { TabularModel } from "../../src/env/contracts.js";
import type { Algorithm } from "../../src/learning/contract.js";
import { evaluatePolicy, policyReturn, valueIteration } from "../../src/mdp/index.js";
import { tabulate } from "../../src/policies/index.js";

const seeds = [0, 1, 2, 3, 4];

const value = async (model: TabularModel, policy: Awaited<ReturnType<typeof train>>) =>
  policyReturn(model, evaluatePolicy(model, await tabulate(policy, model)));

/** The value of what was learnt from each seed, as a share of the optimal one. */
async function shares(algorithm: () => Algorithm, env: string, steps: number): Promise<number[]> {
  const model = (await make(env)).model!();
  const best = policyReturn(model, valueIteration(model).values);
  const learnt = [];
  for (const seed of seeds)
    learnt.push((await value(model, await train(algorithm(), { env, steps, seed }))) / best);
  return learnt;
}

describe("qLearning", () => {
  it("finds the optimal policy of FrozenLake under each of 5 seeds", async () => {
    const found = await shares(
      () => qLearning({ exploration: 0.5 }) as Algorithm,
      "FrozenLake-v1",
      1_000_000,
    );
    for (const share of found) expect(share).toBeCloseTo(1, 6);
  });

  it("does not find it with a discount of 0", async () => {
    const short = await shares(
      () => qLearning({ exploration: 0.5, discount: 0 }) as Algorithm,
      "FrozenLake-v1",
      1_000_000,
    );
    for (const share of short) expect(share).toBeLessThan(0.9);
  });
});

describe("sarsa", () => {
  it("comes close to it on FrozenLake as exploration decays", async () => {
    const exploration = { from: 1, to: 0.02, steps: 800_000 };
    const found = await shares(() => sarsa({ exploration }) as Algorithm, "FrozenLake-v1", 1_000_000);
    for (const share of found) expect(share).toBeGreaterThan(0.9);
  });
});
