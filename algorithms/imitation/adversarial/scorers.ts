/** @file The networks that score transitions, for GAIL [Ho & Ermon 2016] and for AIRL [Fu, Luo & Levine 2018]. */

import type * as nn from "../../../src/nn/index.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";
import type { Features, Spaces } from "../../shared/transition-features.js";
import { type TransitionNetworkOptions, transitionNetwork } from "../../shared/transition-network.js";

/** A network that scores transitions. A higher score means a transition more likely the expert's. */
export interface Scorer {
  readonly parameters: nn.ParameterTree;
  /** The features that the network reads. */
  readonly reads: readonly (keyof Features)[];
  /** The scores `[B]`. */
  score(parameters: nn.TensorTree, features: Features): Tensor;
  /** The reward term `[B]` of the score, where the score has another (AIRL's shaping). */
  reward?(parameters: nn.TensorTree, features: Features): Tensor;
}

type NetworkOptions = Omit<TransitionNetworkOptions, "outputGain">;

/** First scores are small, so that the first rewards hardly tell transitions apart. */
const network = (spaces: Spaces, reads: "state" | "pair", options: NetworkOptions) =>
  transitionNetwork(spaces, reads, { ...options, outputGain: 0.1 });

/** The score of GAIL: a network ℓ(s, a) of a state and an action. */
export function pairScorer(spaces: Spaces, options: NetworkOptions): Scorer {
  const { parameters, apply } = network(spaces, "pair", options);
  return { parameters, reads: ["state", "action"], score: apply };
}

export interface ShapedOptions extends NetworkOptions {
  /** γ. */
  discount: number;
  /** Whether the reward depends on the action too. */
  rewardInputs: "state" | "state-action";
}

/**
 * The score of AIRL: f(s, a, s′) = g(s, a) + γ h(s′) − h(s), a reward and a shaping term [Fu, Luo & Levine 2018, eq.
 * 4].
 */
export function shapedScorer(spaces: Spaces, options: ShapedOptions): Scorer {
  const { discount, rewardInputs } = options;
  const g = network(spaces, rewardInputs === "state" ? "state" : "pair", options);
  const h = network(spaces, "state", options);
  const reward: Scorer["reward"] = (p, features) => g.apply(p.reward as nn.TensorTree, features);
  return {
    parameters: { reward: g.parameters, shaping: h.parameters },
    reads: rewardInputs === "state" ? ["state", "next"] : ["state", "action", "next"],
    reward,
    score(p, features) {
      const potential = (state: Tensor) => h.apply(p.shaping as nn.TensorTree, { ...features, state });
      const shaping = t.sub(t.mul(potential(features.next), discount), potential(features.state));
      return t.add(reward(p, features), shaping);
    },
  };
}
