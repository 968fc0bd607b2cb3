/**
 * @file Generative adversarial imitation learning [Ho & Ermon 2016] [N §3.3, eq. 57–60]. Algorithm 1 is
 * `adversarial/loop.ts`, the loss (eq. 58) `adversarial/discriminator.ts`.
 *
 * A classifier D(s, a) learns to tell the expert's transitions from the learner's, and the learner maximises a function
 * of its logit. For the best D the logit is log p_E(s, a) / p_π(s, a) (eq. 60), and the reward is highest at p_π = p_E.
 *
 * A whole trajectory is classified by the sum of its steps' logits (eq. 57). That is no restriction: the dynamics cancel
 * in log p_E(τ) / p_π(τ), which leaves a sum over steps, so each step is rewarded with its own term.
 */

import { z } from "zod";
import { count } from "../../src/config/options.js";
import { UsageError } from "../../src/errors.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { optimiserOf } from "../shared/policy-optimiser.js";
import { type AdversarialLearner, adversarial } from "./adversarial/loop.js";
import { discriminatorSchema } from "./adversarial/options.js";
import { pairScorer } from "./adversarial/scorers.js";
import { rewardOptions } from "./shared/options.js";

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/**
 * The learner's reward as a function of the logit of D, the probability that the expert made a transition. All rise with it.
 *
 * "negative-log-one-minus-d" is Ho & Ermon's, who write D for the probability that the learner made it; it is never
 * negative. "log-d" is never positive. "logit" is the sum of the two, and estimates log p_E / p_π.
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
    .describe("the learner's reward, where D is the probability that the expert made a transition"),
  classify: z
    .enum(["pairs", "trajectories"])
    .default("pairs")
    .describe("one example of the discriminator: a state and its action, or many in a row"),
  trajectorySteps: count()
    .default(64)
    .describe(
      "with classify trajectories: length of the windows each episode is cut into; at most the optimiser's rolloutSteps",
    ),
  discriminator: discriminatorSchema.prefault({}).describe("options of the discriminator"),
});

export type GailOptions = z.input<typeof gailSchema>;

/** GAIL from `demonstrations`, around any policy optimiser. */
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
        'gail: classify "trajectories" needs whole demonstrations, and these are subsampled; use "pairs"',
      );
    }
    const optimiser = optimiserOf("gail", options.optimiser);
    // Longer than a rollout, the expert's examples would have more logits to sum than any of the learner's.
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
