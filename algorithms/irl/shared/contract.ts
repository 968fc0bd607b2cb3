/** @file The contract of inverse RL: an algorithm that learns a reward beside a policy. */

import type { Algorithm, RewardSource, State } from "../../../src/learning/contract.js";
import type { FeatureOptions } from "./features.js";

/** A learnt reward, as a function and, on a model, as a table. */
export interface LearnedReward {
  rewardOf: FeatureOptions["rewardOf"];
  /** The weights of the features or, of a network, all its parameters. */
  parameters: Float64Array;
  /** The reward of a step into each state, `[states]`, or of each pair, `[states × actions]`; absent without a model. */
  table?: Float64Array;
  /** The rewards of any transitions. */
  rewards: RewardSource;
}

/** An algorithm that learns a reward from demonstrations, and a policy that is good under it. */
export interface InverseAlgorithm<S extends State> extends Algorithm<S> {
  reward(state: S): LearnedReward;
}
