/** @file Features of transitions, scaled to about 1: the inputs of discriminators and density estimates. */

import type { Problem } from "../../src/env/contracts.js";
import { encodeObservations } from "../../src/policies/actor-critic.js";
import { actionScaling, encodedWidth, type Space } from "../../src/spaces/index.js";
import type { Tensor } from "../../src/tensor/index.js";
import * as t from "../../src/tensor/index.js";

export type Spaces = Pick<Problem, "observationSpace" | "actionSpace">;

/** The features of B transitions. */
export interface Features {
  /** `[B, state width]`: the observation, then a flag: 1 for the absorbing state, whose observation is 0. */
  state: Tensor;
  /** `[B, action width]`; 0 in the absorbing state, where actions have no effect. */
  action: Tensor;
  /** `[B, state width]`: the successor state, laid out as `state`. */
  next: Tensor;
}

/** Width of each kind of feature. */
export const featureWidths = ({ observationSpace, actionSpace }: Spaces) => ({
  state: encodedWidth(observationSpace) + 1,
  action: encodedWidth(actionSpace),
});

/** Mean and scale, `[w]` each, that standardise box observations. */
export interface Scaling {
  mean: Tensor;
  /** 1 / standard deviation. */
  scale: Tensor;
}

/** Largest absolute value of a standardised observation. */
const CLIP = 10;

/** Features of observations `[B, w]` and of flags `[B]`: 1 for the absorbing state, else 0. */
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

/** Features of actions: one-hot, or box actions clipped to their bounds and normalised (`actionScaling`). */
export function actionFeatures(space: Space, actions: Tensor, absorbing: Tensor): Tensor {
  return t.mul(encodeActions(space, actions), t.sub(1, t.expandDims(absorbing, -1)));
}

function encodeActions(space: Space, actions: Tensor): Tensor {
  if (space.kind === "discrete") return t.oneHot(actions, space.n);
  if (space.kind !== "box") return encodeObservations(space, t.cast(actions, "float32"));
  const within = t.minimum(t.maximum(actions, t.constant(space.low)), t.constant(space.high));
  const scaling = actionScaling(space);
  return scaling ? t.div(t.sub(within, t.constant(scaling.centre)), t.constant(scaling.halfWidth)) : within;
}
