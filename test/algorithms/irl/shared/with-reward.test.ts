/** @file A reinforcement learner with a learnt reward maximises it, by samples or on an exact model. */

import { beforeAll, describe, expect, it } from "vitest";
import {
  type InverseAlgorithm,
  type LearnedReward,
  loadReward,
  maxCausalEntIrl,
  ppo,
  saveReward,
  valueIteration,
  withReward,
} from "../../../../algorithms/index.js";
import { entryRewards } from "../../../../algorithms/irl/shared/features.js";
import { collect, savePolicy, train } from "../../../../index.js";
import { open } from "../../../../src/env/registry.js";
import type { State } from "../../../../src/learning/contract.js";
import { evaluatePolicy, policyReturn, valueIteration as solve } from "../../../../src/mdp/index.js";

const env = "FourRooms-v0";
const learner = () => ppo({ environments: 4, rolloutSteps: 16, minibatchSize: 32, epochs: 2 });

const rewards = {} as Record<"next-state" | "state-action", LearnedReward>;
beforeAll(async () => {
  const expert = await train(valueIteration(), { env });
  const demonstrations = await collect(expert, { env, episodes: 5, seed: 0, deterministic: true });
  for (const rewardOf of ["next-state", "state-action"] as const) {
    const algorithm = maxCausalEntIrl({ demonstrations, iterations: 3, rewardOf });
    rewards[rewardOf] = (await train.run(algorithm as InverseAlgorithm<State>, { env })).reward!;
  }
});

describe("withReward", () => {
  it("maximises the learnt reward, and not the environment's", async () => {
    const reward = rewards["next-state"];
    const options = { env, steps: 64, seed: 0 };
    const own = savePolicy(await train(withReward(learner(), reward), options));
    expect(savePolicy(await train(withReward(learner(), loadReward(saveReward(reward))), options))).toEqual(
      own,
    );
    expect(savePolicy(await train(learner(), options))).not.toEqual(own);
  });

  it.each([
    "next-state",
    "state-action",
  ] as const)("solves the model with a reward of %s", async (rewardOf) => {
    const reward = rewards[rewardOf];
    const model = (await open(env)).model!();
    const { policy } = solve({ ...model, reward: entryRewards(model, rewardOf, reward.table!) });
    const found = await train.run(withReward(valueIteration(), reward), { env });
    expect(found.policy.toData().arrays.table.data).toEqual(policy);
    // The value of the policy is that of the environment's own rewards.
    expect(found.metrics.at(-1)!.value).toBeCloseTo(policyReturn(model, evaluatePolicy(model, policy)), 9);
    expect(found.policy.toData()).not.toEqual((await train(valueIteration(), { env })).toData());
  });

  it("is refused in an environment of other spaces", async () => {
    await expect(train(withReward(learner(), rewards["next-state"]), { env: "Maze-v0" })).rejects.toThrow(
      /the learnt reward has observations Discrete\(104\), but Maze-v0 has Discrete/,
    );
  });
});
