/**
 * @file Distribution matching: the learner's occupancy is brought near the expert's in a divergence of choice
 * [N §3.3, eq. 53–56] [Englert et al. 2013] [Ke et al. 2021].
 *
 * D(d_E ‖ d) of the discounted state–action occupancies stands for that of whole trajectories, as in eq. 55. It is
 * computed and differentiated exactly where the environment knows its model (`exact-matching.ts`), and otherwise
 * estimated: a discriminator learns the ratio d_E / d, and the learner is rewarded by the slope of the divergence there.
 */

import { z } from "zod";
import { count, fraction, positive } from "../../src/config/options.js";
import { type DivergenceKind, divergenceKinds, divergenceSlope } from "../../src/diagnostics/index.js";
import type { Problem } from "../../src/env/contracts.js";
import type { Algorithm } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import type { Rng } from "../../src/random/rng.js";
import { adversarial } from "./adversarial/loop.js";
import { discriminatorSchema } from "./adversarial/options.js";
import { pairScorer } from "./adversarial/scorers.js";
import {
  createExactMatching,
  type ExactMatchingState,
  exactlyMatchedPolicy,
  updateExactMatching,
} from "./distribution-matching/exact-matching.js";
import { imitationTask, rewardOptions } from "./shared/options.js";

const NAME = "distributionMatching";

const distributionMatchingSchema = z.strictObject({
  ...rewardOptions,
  divergence: z
    .enum(divergenceKinds)
    .default("reverse-kl")
    .describe(
      "of the learner from the expert: kl covers all that the expert does, reverse-kl seeks a mode of it",
    ),
  estimator: z
    .enum(["density-ratio", "exact"])
    .default("density-ratio")
    .describe("from samples, with a learnt ratio of the two densities, or by the environment's exact model"),
  discriminator: discriminatorSchema
    .extend({
      gradientPenalty: discriminatorSchema.shape.gradientPenalty
        .unwrap()
        .default(0)
        .describe(
          "weight of the gradient penalty, as in gail; above 0, the penalty biases the estimate of the log ratio",
        ),
    })
    .prefault({})
    .describe("options of the discriminator, whose logit estimates the log ratio of the two densities"),
  updates: count().default(1000).describe("exact: gradient steps"),
  learningRate: positive()
    .default(0.1)
    .describe("exact: Adam's first step size, which falls to 0 over the updates"),
  smoothing: fraction()
    .default(1e-3)
    .describe("exact, reverse-kl: share of the expert's weight spread over all pairs, so that it is finite"),
  features: z
    .array(z.array(z.number()))
    .optional()
    .describe(
      "exact: [states, k], all that the policy, linear in them, sees of a state; unset, which state it is",
    ),
});

export type DistributionMatchingOptions = z.input<typeof distributionMatchingSchema>;
type Options = z.output<typeof distributionMatchingSchema>;

/** Distribution matching of `demonstrations`; what `steps` counts depends on the estimator. */
export const distributionMatching = defineAlgorithm({
  name: "distributionMatching",
  summary:
    "the learner's occupancy is brought near the expert's: KL either way, Jensen–Shannon, total variation",
  schema: distributionMatchingSchema,
  needs: [["demonstrations"]],
  optimiser: "ppo",
  create(options): Algorithm {
    return options.estimator === "exact" ? exactMatching(options) : ratioMatching(options);
  },
});

function exactMatching(options: Options): Algorithm<ExactMatchingState> {
  const { divergence, estimator, updates, learningRate, smoothing, features } = options;
  const task = imitationTask(NAME, options);
  return {
    name: NAME,
    options: { ...task.record, divergence, estimator, updates, learningRate, smoothing, features },
    unit: "updates",
    defaultSteps: updates,

    async init(problem: Problem, rng: Rng) {
      task.requireProblem(problem);
      return createExactMatching(
        problem,
        task.demonstrations.trajectories,
        options,
        rng.stream("parameters"),
      );
    },

    update: async (state) => updateExactMatching(state, options),
    policy: exactlyMatchedPolicy,
    done: (state) => state.updates >= updates,
  };
}

/**
 * A ratio above is taken for this: where the two hardly overlap a classifier knows no limit, and "kl" would have a few
 * transitions outweigh all others.
 */
const LARGEST_RATIO = 100;

/**
 * The learner's reward where d_E / d = exp(`logRatio`): −∂D / ∂d, the direction in which D falls fastest, and 0 where the
 * two agree. For D = Σ d f(d_E / d) this is f*(f′(u)) with the f for which f(1) = f′(1) = 0, as in f-GAN (Nowozin et al.
 * 2016): u − 1 for "kl", log u for "reverse-kl", ½ log((1 + u) / 2) for "js", ½ sign(u − 1) for "tv".
 */
export function ratioReward(kind: DivergenceKind, logRatio: number): number {
  const ratio = Math.min(LARGEST_RATIO, Math.exp(logRatio));
  return divergenceSlope(kind, 1, 1) - divergenceSlope(kind, ratio, 1);
}

/** The options of the exact estimator have no meaning here, and are not recorded. */
function ratioMatching({ updates, learningRate, smoothing, features, ...options }: Options): Algorithm {
  const { discriminator, divergence } = options;
  const learner = adversarial({
    name: NAME,
    options,
    scorer: (spaces) => pairScorer(spaces, discriminator),
    usesPolicy: false,
    reward: (logit) => ratioReward(divergence, logit),
  });
  return {
    ...learner,
    async update(state) {
      const metrics = await learner.update(state as Awaited<ReturnType<typeof learner.init>>);
      // An off-policy optimiser asks for no rewards before it learns.
      if (metrics.discriminatorLoss === undefined) return metrics;
      // The loss of the best classifier is 2 log 2 − 2 JS (Goodfellow et al. 2014, theorem 1); of any other it is larger.
      return { ...metrics, jensenShannon: Math.LN2 - metrics.discriminatorLoss / 2 };
    },
  };
}
