/**
 * @file What a discriminator sees of a transition, and the networks that score it: of GAIL (Ho & Ermon 2016) and of
 * AIRL (Fu et al. 2018).
 */

import type { Problem } from "../../../src/env/contracts.js";
import * as nn from "../../../src/nn/index.js";
import { encodeObservations } from "../../../src/policies/actor-critic.js";
import { encodedWidth, type Space } from "../../../src/spaces/index.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";

export type Spaces = Pick<Problem, "observationSpace" | "actionSpace">;

/** What is seen of B transitions: rows of numbers near 1. */
export interface Features {
  /** `[B, state width]`: the observation, and last whether the state is the absorbing one, where all else is 0. */
  state: Tensor;
  /** `[B, action width]`; 0 in the absorbing state, where no action does anything. */
  action: Tensor;
  /** `[B, state width]`: what the action led to, as `state`. */
  next: Tensor;
}

/** A network that scores transitions: the higher, the more they look like the expert's. */
export interface Scorer {
  readonly parameters: nn.ParameterTree;
  /** Which features it reads. */
  readonly reads: readonly (keyof Features)[];
  /** `[B]`. */
  score(parameters: nn.TensorTree, features: Features): Tensor;
  /** `[B]`: the part of the score that is a reward by itself, where that is not all of it. */
  reward?(parameters: nn.TensorTree, features: Features): Tensor;
}

/** Numbers in a row of each kind of feature. */
export const featureWidths = ({ observationSpace, actionSpace }: Spaces) => ({
  state: encodedWidth(observationSpace) + 1,
  action: encodedWidth(actionSpace),
});

/** How observations in a box are put to mean 0 and deviation 1: `[w]` each. */
export interface Scaling {
  mean: Tensor;
  /** 1 over the deviation. */
  scale: Tensor;
}

/** Largest absolute value of a normalised observation. */
const CLIP = 10;

/** Observations `[B, w]` and whether they are of the absorbing state `[B]`, 1 or 0, as features. */
export function stateFeatures(
  space: Space,
  observations: Tensor,
  absorbing: Tensor,
  scaling?: Scaling,
): Tensor {
  const scaled = scaling
    ? t.clip(t.mul(t.sub(observations, scaling.mean), scaling.scale), -CLIP, CLIP)
    : observations;
  const flag = t.expandDims(absorbing, -1);
  return t.concat([t.mul(encodeObservations(space, scaled), t.sub(1, flag)), flag], 1);
}

/** Actions of a batch as features: one-hot, or in a box clipped to its bounds and scaled to [−1, 1] where it has some. */
export function actionFeatures(space: Space, actions: Tensor, absorbing: Tensor): Tensor {
  return t.mul(encodeActions(space, actions), t.sub(1, t.expandDims(absorbing, -1)));
}

function encodeActions(space: Space, actions: Tensor): Tensor {
  if (space.kind === "discrete") return t.oneHot(actions, space.n);
  if (space.kind !== "box") return encodeObservations(space, t.cast(actions, "float32"));
  const bounded = (i: number) => Number.isFinite(space.low[i]) && Number.isFinite(space.high[i]);
  const centre = space.low.map((low, i) => (bounded(i) ? (space.high[i] + low) / 2 : 0));
  const half = space.low.map((low, i) => (bounded(i) ? (space.high[i] - low) / 2 || 1 : 1));
  const within = t.minimum(t.maximum(actions, t.constant(space.low)), t.constant(space.high));
  return t.div(t.sub(within, t.constant(centre)), t.constant(half));
}

interface NetworkOptions {
  hidden: number[];
  activation: nn.Activation;
}

/** One number for each row. */
function network(inputs: number, { hidden, activation }: NetworkOptions) {
  const { parameters, apply } = nn.mlp({ inputs, hidden, activation, outputs: 1, outputGain: 0.1 });
  return { parameters, apply: (p: nn.TensorTree, x: Tensor) => t.reshape(apply(p, x), [-1]) };
}

/** GAIL's: any function ℓ(s, a) of a state and an action. */
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
  /** Whether the reward may go by the action too. */
  rewardInputs: "state" | "state-action";
}

/** AIRL's: f(s, a, s′) = g(s, a) + γ h(s′) − h(s), a reward and a shaping term (Fu et al. 2018, eq. 4). */
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
