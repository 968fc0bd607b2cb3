/** @file What the algorithms of inverse reinforcement learning share: their contract, options and records. */

import { z } from "zod";
import { count } from "../../../src/config/options.js";
import { canonicalDistance, canonicalReward, modelReward } from "../../../src/diagnostics/epic.js";
import type { Problem, TabularModel } from "../../../src/env/contracts.js";
import { UsageError } from "../../../src/errors.js";
import type { Algorithm, PolicyOptimiser, RewardSource, State } from "../../../src/learning/contract.js";
import type { Policy } from "../../../src/policies/contract.js";
import { TabularPolicy, tabulate } from "../../../src/policies/index.js";
import type { Space } from "../../../src/spaces/index.js";
import { crc32c } from "../../../src/state/crc32c.js";
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
import {
  type Demonstrated,
  type DemonstratedOptions,
  demonstrated,
  expectedDemonstrations,
} from "./demonstrations-on-model.js";
import { type FeatureMap, type FeatureOptions, featureOptions, modelRows } from "./features.js";
import type { SparseRows } from "./sparse-rows.js";

/** A learnt reward, as a function and, on a model, as a table. */
export interface LearnedReward {
  rewardOf: FeatureOptions["rewardOf"];
  /** The weights of the features or, of a network, all its parameters. */
  parameters: Float64Array;
  /** What a step that ends in each state pays, `[states]`, or each pair, `[states × actions]`; absent without a model. */
  table?: Float64Array;
  /** What any transitions pay. */
  rewards: RewardSource;
}

/** An algorithm that learns what somebody is after. */
export interface InverseAlgorithm<S extends State> extends Algorithm<S> {
  reward(state: S): LearnedReward;
}

export const inverseOptions = {
  demonstrations: demonstrationsSchema.optional(),
  expert: z
    .custom<Policy>((p) => typeof (p as Policy | undefined)?.act === "function", "it must be a policy")
    .optional()
    .describe(
      "in place of demonstrations on an exact model: its expectations, as if they were infinitely many",
    ),
  ...featureOptions,
  iterations: count().default(100).describe("rounds at most"),
  optimiser: optimiserSchema
    .unwrap()
    .optional()
    .describe("a reinforcement learner to use on samples, instead of the exact model; unset, none"),
  optimiserUpdates: count().default(10).describe("updates of the optimiser in a round"),
  diagnosticsEvery: count().default(10).describe("rounds between measurements that cost time"),
};

/**
 * The options with the reinforcement learner that they name.
 *
 * @throws UsageError for one whose policies have memory: episodes are weighed by the odds of their actions, and mixtures
 *   made of policies, by what is observed alone
 */
export function withLearner<O extends { optimiser?: OptimiserOption }>(
  name: string,
  options: O,
): O & { learner?: PolicyOptimiser } {
  const { optimiser } = options;
  if (optimiser === undefined) return options;
  const learner = optimiserOf(name, optimiser);
  if (learner.options.recurrentUnits) {
    throw new UsageError(
      `${name}: it needs π(a | s) of its policies, and one with memory has none without its past; leave recurrentUnits out`,
    );
  }
  return { ...options, learner };
}

/** Whether what costs time is measured in this round, of those from 1 on. */
export const isDue = (rounds: number, isLast: boolean, { diagnosticsEvery }: { diagnosticsEvery: number }) =>
  isLast || rounds === 1 || rounds % diagnosticsEvery === 0;

/** Options as plain data, for the record of the run. */
export function recordOf({
  learner,
  ...options
}: z.output<ReturnType<typeof recordSchema>> & { learner?: PolicyOptimiser }): Record<string, unknown> {
  const { demonstrations, expert, features } = options;
  return {
    ...options,
    demonstrations: demonstrations && fingerprint(demonstrations),
    ...(expert && { expert: { kind: expert.toData().kind } }),
    ...(features && { features: summaryOf(features) }),
    ...(learner && { optimiser: optimiserConfig(learner) }),
  };
}

const recordSchema = () => z.looseObject(inverseOptions);

function summaryOf(features: NonNullable<FeatureOptions["features"]>): unknown {
  if (features === "task") return features;
  if (typeof features === "function") return "a function";
  const numbers = Float64Array.from(features.flat());
  const checksum = crc32c(new Uint8Array(numbers.buffer)).toString(16);
  return { rows: features.length, width: features[0]?.length ?? 0, checksum };
}

type Shown = Pick<z.output<ReturnType<typeof recordSchema>>, "demonstrations" | "expert"> & {
  learner?: PolicyOptimiser;
};

/** @throws UsageError unless there are demonstrations or an expert, of the problem's spaces. */
export function checkShown(name: string, problem: Problem, { demonstrations, expert, learner }: Shown): void {
  if (demonstrations ? expert : !expert) {
    throw new UsageError(`${name}: give demonstrations or an expert, ${expert ? "not both" : "one of them"}`);
  }
  if (expert && learner) {
    throw new UsageError(`${name}: an expert needs an exact model; with an optimiser give demonstrations`);
  }
  if (demonstrations) requireDemonstrationsOf(name, problem, demonstrations);
  else requireExpertOf(name, problem, expert!);
}

/** What is shown of the expert on a model. */
export async function shownOn(
  model: TabularModel,
  { demonstrations, expert }: Shown,
  options: DemonstratedOptions,
): Promise<Demonstrated> {
  return demonstrations
    ? demonstrated(model, demonstrations, options)
    : expectedDemonstrations(model, await tabulate(expert!, model), options);
}

/** EPIC distances of rewards `[entries]` to the model's own, whose canonical form is taken once. */
export function distanceToTruth(model: TabularModel, discount: number) {
  const truth = canonicalReward(model, modelReward(model), discount);
  return ({ rewardOf, table }: { rewardOf: FeatureOptions["rewardOf"]; table: Float64Array }) => {
    const reward = rewardOf === "next-state" ? { next: table } : { pair: table };
    return canonicalDistance(model, canonicalReward(model, reward, discount), truth);
  };
}

/** Of a problem with a model, whether or not it is learnt from: the features of its states or pairs, and the true reward. */
export interface Truth {
  rows: SparseRows;
  /** The EPIC distance of a reward `[states]` or `[states × actions]` to it. */
  distance(table: Float64Array): number;
}

export function truthOf({ model }: Problem, map: FeatureMap, discount: number): Truth | undefined {
  if (!model) return undefined;
  const distance = distanceToTruth(model, discount);
  return { rows: modelRows(map, model), distance: (table) => distance({ rewardOf: map.rewardOf, table }) };
}

/** What a policy of the model's states needs to know of how they look, where their numbers do not say it. */
export function looksOf({ observations }: TabularModel, space: Space) {
  const isNumbered = space.kind === "discrete" && observations.every((row, s) => row === s);
  return isNumbered ? undefined : { space, rows: observations };
}

export const tabularPolicy = (model: TabularModel, space: Problem["observationSpace"], table: Float64Array) =>
  new TabularPolicy(model.states, table, looksOf(model, space));
