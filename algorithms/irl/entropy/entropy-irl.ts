/** @file The algorithm that `maxEntIrl` and `maxCausalEntIrl` are: options, and exact or sampled rounds. */

import { z } from "zod";
import { count, fraction, nonNegative, positive } from "../../../src/config/options.js";
import type { Problem } from "../../../src/env/contracts.js";
import { UsageError } from "../../../src/errors.js";
import type { Metrics, PolicyOptimiser } from "../../../src/learning/contract.js";
import type { Policy } from "../../../src/policies/contract.js";
import type { Rng } from "../../../src/random/rng.js";
import { rewardModelOptions } from "../shared/feature-reward.js";
import {
  checkShown,
  type InverseAlgorithm,
  inverseOptions,
  recordOf,
  withLearner,
} from "../shared/inverse-problem.js";
import {
  type ExactEntropyState,
  exactPolicy,
  exactReward,
  startExact,
  updateExact,
} from "./exact-entropy.js";
import { type SampledEntropyState, sampledReward, startSampled, updateSampled } from "./sampled-entropy.js";

/** Whose entropy is greatest: that of actions given what has happened, or that of whole trajectories. */
export type EntropyKind = "causal" | "trajectories";

/** What both take. */
const shared = {
  ...inverseOptions,
  horizon: count().optional().describe("steps of an episode; the policy then depends on the time"),
  discount: fraction()
    .optional()
    .describe("γ; unset, the optimiser's, or of an exact model its own, or 1 where there is a horizon"),
  ...rewardModelOptions,
  l1: nonNegative().default(0).describe("weight of the sum of the parameters' sizes"),
  l2: nonNegative().default(0).describe("weight of half the squared norm of the parameters"),
  learningRate: positive()
    .default(0.02)
    .describe("Adam's step size, for networks and with an optimiser; linear rewards of a model need none"),
  tolerance: positive()
    .default(1e-3)
    .describe(
      "a linear reward is done when the gradient, the gap between the feature expectations, is shorter",
    ),
  episodes: count().default(50).describe("episodes in which the optimiser is watched in a round"),
};

export const maxEntIrlSchema = z.strictObject({
  ...shared,
  // Its horizon is the longest demonstration's where none is given.
  discount: fraction().optional().describe("γ; unset, the optimiser's, or 1"),
});

export const maxCausalEntIrlSchema = z.strictObject({
  ...shared,
  objective: z
    .enum(["moments", "actions"])
    .default("actions")
    .describe(
      "of an exact model: to match the feature expectations as demonstrated, outcomes and all, " +
        "or to make the actions likely in the states demonstrated",
    ),
});

export type ResolvedEntropyOptions = z.output<typeof maxEntIrlSchema> &
  Partial<Pick<z.output<typeof maxCausalEntIrlSchema>, "objective">> & { learner?: PolicyOptimiser };

export interface EntropyState {
  exact?: ExactEntropyState;
  sampled?: SampledEntropyState;
}

/**
 * The expected features are those of π = exp(Q − V), so samples must come from it (see `sampled-entropy.ts`).
 *
 * @throws UsageError for a learner of ours whose policy is another
 */
function requireSoft(name: string, { name: learner, abilities, options }: PolicyOptimiser): void {
  // A learner that does not state its abilities is the user's responsibility.
  if (abilities?.soft ?? true) return;
  const { temperature } = options;
  const what = temperature === undefined ? learner : `${learner} at temperature "${temperature}"`;
  throw new UsageError(
    `${name}: its optimiser must maximise reward and entropy at a temperature of 1, and ${what} does not; ` +
      'take sac({ temperature: 1 }), on a command line "--optimiser.algorithm sac --optimiser.temperature 1"',
  );
}

export function entropyIrl(
  name: string,
  kind: EntropyKind,
  given: z.output<typeof maxEntIrlSchema>,
): InverseAlgorithm<EntropyState> {
  const options: ResolvedEntropyOptions = withLearner(name, given);
  const { learner, iterations } = options;
  if (learner && options.horizon !== undefined) {
    throw new UsageError(
      `${name}: horizon is for exact models; with an optimiser, episodes end when the environment says so: ` +
        "leave it out, or set the environment's time limit",
    );
  }
  if (learner && kind === "causal") requireSoft(name, learner);
  return {
    name,
    options: recordOf(options),
    unit: "rounds",
    defaultSteps: iterations,

    async init(problem: Problem, rng: Rng): Promise<EntropyState> {
      checkShown(name, problem, options);
      return learner
        ? { sampled: await startSampled(name, problem, options, rng) }
        : { exact: await startExact(name, kind, problem, options, rng) };
    },

    update: ({ exact, sampled }: EntropyState): Promise<Metrics> =>
      exact ? updateExact(exact, options) : updateSampled(sampled!, kind, options),

    policy: ({ exact, sampled }: EntropyState): Policy =>
      exact ? exactPolicy(exact) : learner!.policy(sampled!.learner),

    done: ({ exact, sampled }: EntropyState): boolean =>
      (exact ?? sampled!).rounds >= iterations || exact?.optimiser.settled === true,

    reward: ({ exact, sampled }: EntropyState) => (exact ? exactReward(exact) : sampledReward(sampled!)),
  };
}
