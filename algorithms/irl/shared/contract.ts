/** @file The contract of inverse RL: an algorithm that learns a reward beside a policy. */

import type { Algorithm, RewardSource, State } from "../../../src/learning/contract.js";
import type { FeatureOptions } from "./features.js";

/** A learnt reward, as a function and, on a model, as a table. */
export interface LearnedReward {
  rewardOf: FeatureOptions["rewardOf"];
  /** The weights of the features, or all parameters of a reward network. */
  parameters: Float64Array;
  /** The reward of entering each state, `[states]`, or of each pair, `[states × actions]`; absent without a model. */
  table?: Float64Array;
  /** The rewards `[B]` of a batch of transitions. */
  rewards: RewardSource;
}

/** An algorithm that learns a reward from demonstrations, and a policy that is optimised for the reward. */
export interface InverseAlgorithm<S extends State> extends Algorithm<S> {
  reward(state: S): LearnedReward;
}
