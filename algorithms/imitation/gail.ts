/**
 * @file Generative adversarial imitation learning (Ho & Ermon 2016, algorithm 1; Nalisnick, Human-in-the-Loop Machine
 * Learning, §3.3, eq. 57–60).
 *
 * A classifier D(s, a) learns to tell the expert's transitions from the learner's, and the learner is rewarded for
 * being taken for the expert. At the optimum of the classifier its logit is log p_E(s, a) / p_π(s, a) (eq. 60), and the
 * reward's maximum over policies is at p_π = p_E.
 *
 * A whole trajectory is classified by the sum of its steps' logits (eq. 57). That is no restriction: the dynamics cancel
 * in log p_E(τ) / p_π(τ), which leaves a sum over steps, and so each step is rewarded with its own part of it.
 */

import { z } from "zod";
import { count } from "../../src/config/options.js";
import { UsageError } from "../../src/errors.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { demonstrationsSchema } from "../shared/demonstrations-option.js";
import { optimiserOf, optimiserSchema } from "../shared/policy-optimiser.js";
import { discriminatorSchema } from "./adversarial/discriminator-programs.js";
import { horizonSchema } from "./adversarial/horizon.js";
import { type AdversarialLearner, adversarial } from "./adversarial/loop.js";
import { pairScorer } from "./adversarial/scorers.js";

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/**
 * The learner's reward as a function of the logit of D, the probability of being the expert's. All rise with it.
 *
 * "negative-log-one-minus-d" is Ho & Ermon's, who write D for the probability of being the learner's; it is never
 * negative. "log-d" is never positive. "logit" is their difference, and estimates log p_E / p_π.
 */
export const rewardForms = {
  logit: (logit: number) => logit,
  "log-d": (logit: number) => -softplus(-logit),
  "negative-log-one-minus-d": softplus,
} satisfies Record<string, (logit: number) => number>;

const gailSchema = z.strictObject({
  demonstrations: demonstrationsSchema,
  optimiser: optimiserSchema,
  reward: z
    .enum(["logit", "log-d", "negative-log-one-minus-d"])
    .default("logit")
    .describe("what the learner maximises, D being the probability that the expert did it"),
  classify: z
    .enum(["pairs", "trajectories"])
    .default("pairs")
    .describe(
      "what the discriminator takes for one example: a state and its action, or many of them in a row",
    ),
  trajectorySteps: count()
    .default(64)
    .describe(
      "trajectories: so many steps from the start of an episode on, and so on; at most the optimiser's rolloutSteps",
    ),
  horizon: horizonSchema,
  discriminator: discriminatorSchema.prefault({}),
});

export type GailOptions = z.input<typeof gailSchema>;

/** GAIL from `demonstrations`, around any policy optimiser. */
export const gail = defineAlgorithm({
  name: "gail",
  summary: "generative adversarial imitation: train the policy to fool a discriminator",
  schema: gailSchema,
  needs: ["demonstrations"],
  optimiser: "ppo",
  create(options): AdversarialLearner {
    const { demonstrations, optimiser, reward, horizon, discriminator, classify, trajectorySteps } = options;
    const whole = classify === "trajectories";
    if (whole && demonstrations.trajectories.some(({ steps }) => steps !== undefined)) {
      throw new UsageError(
        'gail: classify "trajectories" needs whole demonstrations, and these are subsampled; use "pairs"',
      );
    }
    const learner = optimiserOf("gail", optimiser);
    // Longer than a rollout, the expert's examples would have more logits to sum than any of the learner's.
    const longest = Number(learner.options.rolloutSteps ?? Number.POSITIVE_INFINITY);
    return adversarial({
      name: "gail",
      demonstrations,
      optimiser: learner,
      horizon,
      discriminator,
      options: { reward, classify, trajectorySteps },
      scorer: (spaces) => pairScorer(spaces, discriminator),
      usesPolicy: false,
      window: whole ? Math.min(trajectorySteps, longest) : 1,
      reward: rewardForms[reward],
    });
  },
});
