/**
 * @file Adversarial inverse reinforcement learning (Fu, Luo & Levine 2018, algorithm 1): GAIL whose discriminator is
 * built so that a reward can be read off it.
 *
 * D = exp f / (exp f + π(a | s)), so the logit is f(s, a, s′) − log π(a | s), with f = g(s) + γ h(s′) − h(s) (eq. 4).
 * The learner is trained on the logit, which is f and a bonus for entropy (§5), or on less of that bonus. Of a reward that
 * goes by the state alone, g recovers the expert's up to a constant where dynamics are deterministic (theorem 5.1), without
 * the shaping h that would not carry over to other dynamics.
 */

import { z } from "zod";
import { nonNegative } from "../../src/config/options.js";
import { UsageError } from "../../src/errors.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { demonstrationsSchema } from "../shared/demonstrations-option.js";
import { discountOf, optimiserOf, optimiserSchema } from "../shared/policy-optimiser.js";
import { discriminatorSchema } from "./adversarial/discriminator-programs.js";
import { horizonSchema } from "./adversarial/horizon.js";
import { type AdversarialLearner, adversarial } from "./adversarial/loop.js";
import { shapedScorer } from "./adversarial/scorers.js";

export const airlSchema = z.strictObject({
  demonstrations: demonstrationsSchema,
  optimiser: optimiserSchema,
  rewardInputs: z
    .enum(["state", "state-action"])
    .default("state")
    .describe("what the reward goes by; one that goes by states carries over to other dynamics best"),
  entropyWeight: nonNegative()
    .default(1)
    .describe("weight of the learner's entropy beside f in what it maximises; 1: the logit, as in the paper"),
  horizon: horizonSchema,
  discriminator: discriminatorSchema.prefault({}),
});

export type AirlOptions = z.input<typeof airlSchema>;

/** AIRL from `demonstrations`, around a policy optimiser whose policy has a density: ppo, a2c or sac. */
export const airl = defineAlgorithm({
  name: "airl",
  summary: "adversarial inverse reinforcement learning: gail from which a reward can be read",
  schema: airlSchema,
  needs: ["demonstrations"],
  optimiser: "ppo",
  create(options): AdversarialLearner {
    const { demonstrations, rewardInputs, entropyWeight, horizon, discriminator } = options;
    const optimiser = optimiserOf("airl", options.optimiser);
    const { density = true, memory = false } = optimiser.abilities ?? {};
    if (!density || memory) {
      const what = memory ? "one with memory has none without its past" : `${optimiser.name}'s is greedy`;
      throw new UsageError(`airl: it needs log π(a | s) of its policy, and ${what}; take ppo, a2c or sac`);
    }
    return adversarial({
      name: "airl",
      demonstrations,
      optimiser,
      horizon,
      discriminator,
      options: { rewardInputs, entropyWeight },
      scorer: (spaces) =>
        shapedScorer(spaces, { ...discriminator, rewardInputs, discount: discountOf(optimiser) }),
      usesPolicy: true,
      entropyWeight,
      reward: (logit) => logit,
    });
  },
});
