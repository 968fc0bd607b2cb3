/** @file A reward fitted to comparisons replaces the environment's: a pole is balanced, and not with opposite answers. */

import { expect, it } from "vitest";
import { ppo, rewardModel } from "../../../algorithms/index.js";
import { withReward } from "../../../algorithms/irl/shared/with-reward.js";
import { evaluate, train } from "../../../index.js";
import { shownPreferences } from "../../support/preferences.js";

it("balances a pole on the reward of an ensemble, and not where the answers are the opposite", async () => {
  const env = "CartPole-v1";
  const score = async (choose: (left: number, right: number) => "left" | "right") => {
    const data = await shownPreferences({ env, pairs: 100, segmentLength: 40, choose });
    const { artefact } = await train.run(
      rewardModel({ horizon: "absorbing", ensemble: 3, heldOut: 0, l2: 1e-2, iterations: 50 }),
      { data, seed: 0 },
    );
    const learner = ppo({ environments: 4, rolloutSteps: 128, hidden: [32], normaliseRewards: true });
    const policy = await train(withReward(learner, artefact), { env, steps: 16_000, seed: 0 });
    return (await evaluate(policy, { env, episodes: 10, seed: 1 })).mean;
  };
  expect(await score((left, right) => (left > right ? "left" : "right"))).toBeGreaterThan(150);
  expect(await score((left, right) => (left > right ? "right" : "left"))).toBeLessThan(30);
}, 120_000);
