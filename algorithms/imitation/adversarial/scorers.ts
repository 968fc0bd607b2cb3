/** @file The networks that score transitions: of GAIL (Ho & Ermon 2016) and of AIRL (Fu et al. 2018). */

import * as nn from "../../../src/nn/index.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";
import { type Features, featureWidths, type Spaces } from "../shared/transition-features.js";

/** A network that scores transitions: the higher, the more they look like the expert's. */
export interface Scorer {
  readonly parameters: nn.ParameterTree;
  /** The features that it reads. */
  readonly reads: readonly (keyof Features)[];
  /** `[B]`. */
  score(parameters: nn.TensorTree, features: Features): Tensor;
  /** `[B]`: the part of the score that is a reward by itself, where that is not all of it. */
  reward?(parameters: nn.TensorTree, features: Features): Tensor;
}

interface NetworkOptions {
  hidden: number[];
  activation: nn.Activation;
}

/** A network with one output for each row. */
function network(inputs: number, { hidden, activation }: NetworkOptions) {
  const { parameters, apply } = nn.mlp({ inputs, hidden, activation, outputs: 1, outputGain: 0.1 });
  return { parameters, apply: (p: nn.TensorTree, x: Tensor) => t.reshape(apply(p, x), [-1]) };
}

/** GAIL: any function ℓ(s, a) of a state and an action. */
export function pairScorer(spaces: Spaces, options: NetworkOptions): Scorer {
  const { state, action } = featureWidths(spaces);
  const { parameters, apply } = network(state + action, options);
  return {
    parameters,
    reads: ["state", "action"],
    score: (p, features) => apply(p, t.concat([features.state, features.action], 1)),
  };
}

export interface ShapedOptions extends NetworkOptions {
  /** γ. */
  discount: number;
  /** Whether the reward depends on the action too. */
  rewardInputs: "state" | "state-action";
}

/** AIRL: f(s, a, s′) = g(s, a) + γ h(s′) − h(s), a reward and a shaping term (Fu et al. 2018, eq. 4). */
export function shapedScorer(spaces: Spaces, options: ShapedOptions): Scorer {
  const { state, action } = featureWidths(spaces);
  const { discount, rewardInputs } = options;
  const g = network(rewardInputs === "state" ? state : state + action, options);
  const h = network(state, options);
  const reward: Scorer["reward"] = (p, features) =>
    g.apply(
      p.reward as nn.TensorTree,
      rewardInputs === "state" ? features.state : t.concat([features.state, features.action], 1),
    );
  return {
    parameters: { reward: g.parameters, shaping: h.parameters },
    reads: rewardInputs === "state" ? ["state", "next"] : ["state", "action", "next"],
    reward,
    score(p, features) {
      const potential = (x: Tensor) => h.apply(p.shaping as nn.TensorTree, x);
      const shaping = t.sub(t.mul(potential(features.next), discount), potential(features.state));
      return t.add(reward(p, features), shaping);
    },
  };
}
