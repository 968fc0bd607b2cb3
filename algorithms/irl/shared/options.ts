/** @file Options of every inverse RL algorithm, their checks, and their record. */

import * as z from "zod";
import { count } from "../../../src/config/options.js";
import type { Problem } from "../../../src/env/contracts.js";
import { UsageError } from "../../../src/errors.js";
import type { PolicyOptimiser } from "../../../src/learning/contract.js";
import type { Policy } from "../../../src/policies/contract.js";
import { policyRecord } from "../../../src/policies/index.js";
import {
  demonstrationsSchema,
  fingerprint,
  requireDemonstrationsOf,
  requireExpertOf,
} from "../../shared/demonstrations-option.js";
import {
  type OptimiserOption,
  optimiserConfig,
  optimiserOf,
  optimiserSchema,
} from "../../shared/policy-optimiser.js";
import { featureOptions } from "./features.js";

export const inverseOptions = {
  demonstrations: demonstrationsSchema.optional(),
  expert: z
    .custom<Policy>((p) => typeof (p as Policy | undefined)?.act === "function", "it must be a policy")
    .meta({ type: "policy" })
    .optional()
    .describe(
      "expert policy, in place of demonstrations: its exact feature expectations under the model are used",
    ),
  ...featureOptions,
  iterations: count().default(100).describe("largest number of rounds"),
  optimiser: optimiserSchema
    .unwrap()
    .optional()
    .describe("reinforcement learner that computes policies from samples; unset: the exact model is solved"),
  optimiserUpdates: count().default(10).describe("number of updates of the optimiser per round"),
  diagnosticsEvery: count().default(10).describe("number of rounds between expensive diagnostics"),
};

export type InverseOptions = z.output<z.ZodObject<typeof inverseOptions>>;

/**
 * The options, with the reinforcement learner that `optimiser` names.
 *
 * @throws UsageError for a learner whose policies have memory: importance weights of episodes and mixtures of policies
 *   need π(a | s) given the current observation alone
 */
export function withLearner<O extends { optimiser?: OptimiserOption }>(
  name: string,
  options: O,
): O & { learner?: PolicyOptimiser } {
  const { optimiser } = options;
  if (optimiser === undefined) return options;
  const learner = optimiserOf(name, optimiser);
  if (learner.abilities?.memory) {
    throw new UsageError(
      `${name}: its policies need π(a | s) given the current observation alone, so they cannot have memory; leave recurrentUnits out`,
    );
  }
  return { ...options, learner };
}

/** Whether expensive diagnostics are computed in this round, counted from 1. */
export const isDue = (rounds: number, isLast: boolean, { diagnosticsEvery }: { diagnosticsEvery: number }) =>
  isLast || rounds === 1 || rounds % diagnosticsEvery === 0;

/** The options as plain data, for the run's record. */
export function recordOf({
  learner,
  ...options
}: InverseOptions & { learner?: PolicyOptimiser }): Record<string, unknown> {
  const { demonstrations, expert, features } = options;
  return {
    ...options,
    demonstrations: demonstrations && fingerprint(demonstrations),
    ...(expert && { expert: policyRecord(expert) }),
    ...(typeof features === "function" && { features: { given: "a function" } }),
    ...(learner && { optimiser: optimiserConfig(learner) }),
  };
}

/** @throws UsageError unless either demonstrations or an expert are given, with the spaces of the problem */
export function checkExpert(
  name: string,
  problem: Problem,
  {
    demonstrations,
    expert,
    learner,
  }: Pick<InverseOptions, "demonstrations" | "expert"> & { learner?: PolicyOptimiser },
): void {
  if (demonstrations ? expert : !expert) {
    throw new UsageError(`${name}: give demonstrations or an expert, ${expert ? "not both" : "one of them"}`);
  }
  if (expert && learner) {
    throw new UsageError(`${name}: an expert needs an exact model; with an optimiser give demonstrations`);
  }
  if (demonstrations) requireDemonstrationsOf(name, problem, demonstrations);
  else requireExpertOf(name, problem, expert!);
}
