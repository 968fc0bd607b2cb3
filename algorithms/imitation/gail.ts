/**
 * @file Generative adversarial imitation learning [Ho & Ermon 2016] [N §3.3, eq. 57–60]. Algorithm 1 is in
 * `adversarial/loop.ts`, the loss (eq. 58) in `adversarial/discriminator.ts`.
 *
 * A classifier D(s, a) learns to distinguish the expert's transitions from the learner's, and the learner maximises a
 * function of its logit. The optimal D has the logit log p_E(s, a) / p_π(s, a) (eq. 60), and the expected reward is
 * largest at p_π = p_E.
 *
 * A whole trajectory is classified by the sum of its steps' logits (eq. 57). This loses no generality: the dynamics
 * cancel in log p_E(τ) / p_π(τ), which leaves a sum over steps. Each step gets its own term as the reward.
 */

import * as z from "zod";
import { count } from "../../src/config/options.js";
import { UsageError } from "../../src/errors.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { unary } from "../../src/tensor/scalars.js";
import { optimiserOf } from "../shared/policy-optimiser.js";
import { type AdversarialLearner, adversarial } from "./adversarial/loop.js";
import { discriminatorSchema } from "./adversarial/options.js";
import { pairScorer } from "./adversarial/scorers.js";
import { rewardOptions } from "./shared/options.js";

const { softplus } = unary;

/**
 * The learner's reward as a function of the logit of D, the probability that a transition is the expert's. All forms
 * increase with the logit.
 *
 * "negative-log-one-minus-d" is the form of [Ho & Ermon 2016], who write D for the probability that a transition is the
 * learner's; it is never negative. "log-d" is never positive. "logit" is their sum, and estimates log p_E / p_π.
 */
export const rewardForms = {
  logit: (logit: number) => logit,
  "log-d": (logit: number) => -softplus(-logit),
  "negative-log-one-minus-d": softplus,
} satisfies Record<string, (logit: number) => number>;

const gailSchema = z.strictObject({
  ...rewardOptions,
  reward: z
    .enum(["logit", "log-d", "negative-log-one-minus-d"])
    .default("logit")
    .describe("form of the learner's reward; D is the probability that a transition is the expert's"),
  classify: z
    .enum(["pairs", "trajectories"])
    .default("pairs")
    .describe("what the discriminator classifies: single state-action pairs, or windows of trajectories"),
  trajectorySteps: count()
    .default(64)
    .describe(
      "with classify trajectories: length of the windows that each episode is cut into (steps); at most the optimiser's rolloutSteps",
    ),
  discriminator: discriminatorSchema.prefault({}).describe("options of the discriminator"),
});

export type GailOptions = z.input<typeof gailSchema>;

/** GAIL from `demonstrations`, with any policy optimiser. */
export const gail = defineAlgorithm({
  name: "gail",
  summary: "generative adversarial imitation: train the policy to fool a discriminator",
  schema: gailSchema,
  needs: [["demonstrations"]],
  optimiser: "ppo",
  create(options): AdversarialLearner {
    const { demonstrations, reward, discriminator, classify, trajectorySteps } = options;
    const whole = classify === "trajectories";
    if (whole && demonstrations.trajectories.some(({ steps }) => steps !== undefined)) {
      throw new UsageError(
        'gail: classify "trajectories" needs demonstrations with all steps, and these are subsampled; use classify "pairs"',
      );
    }
    const optimiser = optimiserOf("gail", options.optimiser);
    // Windows longer than a rollout would sum more logits for the expert than for the learner.
    const longest = Number(optimiser.options.rolloutSteps ?? Number.POSITIVE_INFINITY);
    return adversarial({
      name: "gail",
      options: { ...options, optimiser },
      scorer: (spaces) => pairScorer(spaces, discriminator),
      usesPolicy: false,
      window: whole ? Math.min(trajectorySteps, longest) : 1,
      reward: rewardForms[reward],
    });
  },
});
