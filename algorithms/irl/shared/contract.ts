/** @file The contract of inverse RL: an algorithm that learns a reward beside a policy. */

import type { PlayedWith } from "../../../src/datasets/provenance.js";
import type { TabularModel } from "../../../src/env/contracts.js";
import type { Algorithm, RewardSource, State } from "../../../src/learning/contract.js";
import type { ArtefactData } from "../../../src/policies/contract.js";
import type { Space } from "../../../src/spaces/index.js";
import type { FeatureOptions } from "./features.js";

/** A learnt reward, as a function and, on a model, as a table. */
export interface LearnedReward {
  rewardOf: FeatureOptions["rewardOf"];
  /** The weights of the features, or all parameters of a reward network. */
  parameters: Float64Array;
  /** The reward of entering each state, `[states]`, or of each pair, `[states × actions]`; absent without a model. */
  table?: Float64Array;
  /** The picture of the model's states on a grid. */
  grid?: TabularModel["grid"];
  /** The spaces of the environment; absent for features that are a function. */
  spaces?: { observationSpace: Space; actionSpace: Space };
  /** The environment that it is of, with the options with which it was played; absent where it is unknown. */
  source?: { env: string } & PlayedWith;
  /** The rewards `[B]` of a batch of transitions; of an ensemble, the means over its members. */
  rewards: RewardSource;
  /** The deviations `[B]` over the members of an ensemble. */
  deviations?: RewardSource;
  /** The reward of a step after the end of an episode, for ever; absent where nothing is known of it. */
  absorbing?: number;
  /** The reward as data for a file; absent for features that are a function. */
  toData?(): ArtefactData;
}

/** An algorithm that learns a reward from demonstrations, and a policy that is optimised for the reward. */
export interface InverseAlgorithm<S extends State> extends Algorithm<S> {
  reward(state: S): LearnedReward;
}
