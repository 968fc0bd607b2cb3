/**
 * @file Distribution matching: minimises a divergence between the expert's and the learner's occupancy
 * [N §3.3, eq. 53–56] [Englert et al. 2013] [Ke et al. 2021].
 *
 * The divergence D(d_E ‖ d) of the discounted state–action occupancies replaces that of whole trajectories (eq. 55).
 * With an exact model it is computed and differentiated exactly (`exact-matching.ts`). Otherwise it is estimated: a
 * discriminator learns the ratio d_E / d, and the learner's reward is minus the derivative of the divergence in d.
 */

import * as z from "zod";
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
      "divergence between the occupancies: kl (covers all the expert's modes), reverse-kl (seeks one), js or tv",
    ),
  estimator: z
    .enum(["density-ratio", "exact"])
    .default("density-ratio")
    .describe(
      "density-ratio: learn the ratio of the occupancies from samples; exact: use the environment's model",
    ),
  discriminator: discriminatorSchema
    .extend({
      gradientPenalty: discriminatorSchema.shape.gradientPenalty
        .unwrap()
        .default(0)
        .describe(
          "weight of the gradient penalty, as in gail; above 0 it biases the estimate of the log ratio",
        ),
    })
    .prefault({})
    .describe("options of the discriminator; its logit estimates the log ratio of the occupancies"),
  updates: count().default(1000).describe("exact: number of gradient steps"),
  learningRate: positive()
    .default(0.1)
    .describe("exact: initial step size of Adam; it decreases to 0 over the updates"),
  smoothing: fraction()
    .default(1e-3)
    .describe(
      "exact, reverse-kl: fraction of the expert's occupancy spread evenly over all pairs, so that the divergence is finite",
    ),
  features: z
    .array(z.array(z.number()))
    .optional()
    .describe("exact: features [states, k] of a log-linear policy; unset: an indicator of each state"),
});

export type DistributionMatchingOptions = z.input<typeof distributionMatchingSchema>;
type Options = z.output<typeof distributionMatchingSchema>;

/**
 * Distribution matching from `demonstrations`. `steps` counts environment steps, or updates with `estimator: "exact"`.
 */
export const distributionMatching = defineAlgorithm({
  name: "distributionMatching",
  summary:
    "minimise a divergence of state-action occupancies: KL, reverse KL, Jensen-Shannon or total variation",
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
 * Upper bound of the estimated ratio. Where the occupancies hardly overlap, the classifier's logit is unbounded, and
 * under "kl" a few transitions would outweigh all others.
 */
const LARGEST_RATIO = 100;

/**
 * The learner's reward where d_E / d = exp(`logRatio`): −∂D / ∂d, which is 0 where the occupancies agree. For
 * D = Σ d f(d_E / d) with f(1) = f′(1) = 0, the reward is f*(f′(u)) [Nowozin et al. 2016]: u − 1 for "kl", log u for
 * "reverse-kl", ½ log((1 + u) / 2) for "js", ½ sign(u − 1) for "tv".
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
      // An off-policy optimiser does not ask for rewards before its first gradient step.
      if (metrics.discriminatorLoss === undefined) return metrics;
      // The smallest loss of a classifier is 2 log 2 − 2 JS [Goodfellow et al. 2014, theorem 1].
      return { ...metrics, jensenShannon: Math.LN2 - metrics.discriminatorLoss / 2 };
    },
  };
}
