/** @file The EPIC distance from a learnt reward to a model's true reward [Gleave et al. 2021], used in metrics only. */

import { canonicalDistance, canonicalReward, modelReward } from "../../../src/diagnostics/epic.js";
import type { Problem, TabularModel } from "../../../src/env/contracts.js";
import { type FeatureMap, modelRows } from "./features.js";
import type { SparseRows } from "./sparse-rows.js";

/** EPIC distance of rewards `[states]` or `[states × actions]` to the model's reward, which is canonicalised once. */
export function distanceToTrueReward(
  model: TabularModel,
  { rewardOf }: Pick<FeatureMap, "rewardOf">,
  discount: number,
): (table: Float64Array) => number {
  const truth = canonicalReward(model, modelReward(model), discount);
  return (table) => {
    const reward = rewardOf === "next-state" ? { next: table } : { pair: table };
    return canonicalDistance(model, canonicalReward(model, reward, discount), truth);
  };
}

/** The tables for measuring rewards on a problem with a model, also if the algorithm learns from samples. */
export interface RewardMeasure {
  /** The features of each state or pair. */
  rows: SparseRows;
  /** The EPIC distance of a reward `[states]` or `[states × actions]` to the true reward. */
  distance(table: Float64Array): number;
}

export const rewardMeasure = (
  { model }: Problem,
  map: FeatureMap,
  discount: number,
): RewardMeasure | undefined =>
  model && { rows: modelRows(map, model), distance: distanceToTrueReward(model, map, discount) };
