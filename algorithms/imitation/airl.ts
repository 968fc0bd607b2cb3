/**
 * @file Adversarial inverse reinforcement learning [Fu, Luo & Levine 2018]: GAIL with a discriminator that contains a
 * reward. Algorithm 1 is in `adversarial/loop.ts`, the loss of the discriminator in `adversarial/discriminator.ts`.
 *
 * D = exp f / (exp f + π(a | s)), so the logit is f(s, a, s′) − log π(a | s), with f = g(s) + γ h(s′) − h(s) (eq. 4).
 * The learner maximises the logit, which is f plus an entropy bonus (§5), or f with a smaller bonus. If the expert's
 * reward depends on the state alone and the dynamics are deterministic, g recovers it up to a constant (theorem 5.1).
 * The shaping h, which does not transfer to other dynamics, is left out of the learnt reward.
 */

import * as z from "zod";
import { nonNegative } from "../../src/config/options.js";
import { UsageError } from "../../src/errors.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { discountOf } from "../shared/horizon.js";
import { optimiserOf } from "../shared/policy-optimiser.js";
import { type AdversarialLearner, adversarial } from "./adversarial/loop.js";
import { discriminatorSchema } from "./adversarial/options.js";
import { shapedScorer } from "./adversarial/scorers.js";
import { rewardOptions } from "./shared/options.js";

export const airlSchema = z.strictObject({
  ...rewardOptions,
  rewardInputs: z
    .enum(["state", "state-action"])
    .default("state")
    .describe("inputs of the learnt reward; a state-only reward transfers best to other dynamics"),
  entropyWeight: nonNegative()
    .default(1)
    .describe(
      "weight of the entropy term −log π(a | s) in the learner's reward f − weight · log π; 1: the logit, as in the paper",
    ),
  discriminator: discriminatorSchema.prefault({}).describe("options of the discriminator"),
});

export type AirlOptions = z.input<typeof airlSchema>;

/** AIRL from `demonstrations`, with a policy optimiser whose policy has a density: ppo, a2c or sac. */
export const airl = defineAlgorithm({
  name: "airl",
  summary: "adversarial inverse RL: a discriminator with a reward term, which transfers to other dynamics",
  schema: airlSchema,
  needs: [["demonstrations"]],
  optimiser: "ppo",
  create(options): AdversarialLearner {
    const { rewardInputs, entropyWeight, discriminator } = options;
    const optimiser = optimiserOf("airl", options.optimiser);
    const { density = true, memory = false } = optimiser.abilities ?? {};
    if (!density || memory) {
      const what = memory
        ? "a policy with memory has none for single steps"
        : `${optimiser.name}'s policy is greedy`;
      throw new UsageError(
        `airl: the policy must have a density log π(a | s), and ${what}; use ppo, a2c or sac`,
      );
    }
    return adversarial({
      name: "airl",
      options: { ...options, optimiser },
      scorer: (spaces) =>
        shapedScorer(spaces, { ...discriminator, rewardInputs, discount: discountOf(optimiser) }),
      usesPolicy: true,
      entropyWeight,
      reward: (logit) => logit,
    });
  },
});
