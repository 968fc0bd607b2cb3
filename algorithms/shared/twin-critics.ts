/** @file Two critics of one policy and their target networks, as SAC, TD3 and offline learners have them. */

import type { Problem } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import { isMultiple } from "../../src/learning/trainer.js";
import * as nn from "../../src/nn/index.js";
import { type ActionValues, actionValues } from "../../src/policies/action-values.js";
import { actionInput } from "../../src/policies/index.js";
import { type Box, type Space, spaceWidth, unboundedEntry } from "../../src/spaces/index.js";
import type { Tensor } from "../../src/tensor/index.js";
import * as t from "../../src/tensor/index.js";
import { networkSettings } from "./networks.js";

/**
 * Added to every element of the gradient. Units with gradient 0 would otherwise let Adam's moments decay into subnormal
 * numbers, on which processors are about twenty times slower. The value is below the rounding error of gradients above
 * 1e-9, its square is a normal number, and it moves a parameter by 1e-9 of the learning rate at most.
 */
export const TINY = 1e-17;

type Spaces = Pick<Problem, "observationSpace" | "actionSpace">;

/** Two independent critics Q(s, a). */
export const twinCritics = (
  { observationSpace, actionSpace }: Spaces,
  options: Parameters<typeof networkSettings>[0],
): ActionValues =>
  actionValues({
    observationSpace,
    actionSpace,
    ...networkSettings(options, { observationSpace, actionSpace }),
    count: 2,
  });

/**
 * @param other an algorithm that needs no bounds
 * @throws UsageError unless every entry of a box of actions has two bounds
 */
export function requireBounds(name: string, space: Box, other: string): void {
  const entry = unboundedEntry(space);
  if (entry < 0) return;
  throw new UsageError(
    `${name} needs a lower and a higher upper bound for every entry of an action, but entry ${entry} is in ` +
      `[${space.low[entry]}, ${space.high[entry]}]; bound it in the environment's actionSpace or, for a data set without one, by --action-space "Box(1, -2, 2)"; or use ${other}`,
  );
}

/** B transitions, over one step or several. */
export interface TransitionTensors {
  /** `[B, w]`. */
  observations: Tensor;
  /** `[B, d]`, or `[B]` for discrete actions. */
  actions: Tensor;
  /** `[B]`: the rewards, summed with discounts over the steps of a transition. */
  returns: Tensor;
  /** `[B, w]`. */
  nextObservations: Tensor;
  /** `[B]`: the weight of the value of the next observation: γ for one step, 0 where the episode terminated. */
  discounts: Tensor;
}

/** The inputs of a program that reads `size` transitions. */
export function transitionInputs({ observationSpace, actionSpace }: Spaces, size: number) {
  const rows = t.float32([size, spaceWidth(observationSpace)]);
  return {
    observations: rows,
    actions: actionInput(actionSpace, size),
    returns: t.float32([size]),
    nextObservations: rows,
    discounts: t.float32([size]),
  };
}

/** The values of the actions taken, `[B]`: for discrete actions selected from the values `[B, n]` of all. */
export const chosen = (q: Tensor, actions: Tensor): Tensor =>
  q.shape.length === 1 ? q : t.squeeze(t.takeAlongAxis(q, t.expandDims(actions, -1), -1), -1);

/** The smaller of the two critics' values: clipped double Q-learning [Fujimoto et al. 2018, eq. 10]. */
export function smallerValue(
  critics: ActionValues,
  parameters: nn.TensorTree,
  observations: Tensor,
  actions?: Tensor,
): Tensor {
  const [first, second] = critics.values(parameters, observations, actions);
  return t.minimum(first, second);
}

/** Σ_j ½ E (Q_j(s, a) − y)² for targets y `[B]`. */
export function criticLoss(
  critics: ActionValues,
  parameters: nn.TensorTree,
  { observations, actions }: Pick<TransitionTensors, "observations" | "actions">,
  target: Tensor,
): Tensor {
  const errors = critics
    .values(parameters, observations, actions)
    .map((q) => t.sub(chosen(q, actions), target));
  return t.mul(t.add(...(errors.map((e) => t.mean(t.square(e))) as [Tensor, Tensor])), 0.5);
}

/** The update rule of critics whose target networks follow by the fraction `tau` in every `every`-th step. */
export const criticGroup = (
  critics: ActionValues,
  { learningRate, tau, every = 1 }: { learningRate: number; tau: number; every?: number },
) => ({
  learningRate,
  gradientOffset: TINY,
  layout: critics.layout,
  target(targets: Tensor, parameters: Tensor, _: unknown, number: Tensor): Tensor {
    const nearer = nn.softUpdate(targets, parameters, tau);
    return every === 1 ? nearer : t.where(isMultiple(number, every), nearer, targets);
  },
});

/** Standard normals from two arrays of uniforms on [0, 1), of equal shape, by the transform of [Box & Muller 1958]. */
export function normals(uniforms: Tensor): { noise: Tensor; nextNoise: Tensor } {
  const [first, second] = [0, 1].map((k) => t.gather(uniforms, t.constant(k, [], "int32")));
  const radius = t.sqrt(t.mul(t.log(t.sub(1, first)), -2));
  const angle = t.mul(second, 2 * Math.PI);
  return { noise: t.mul(radius, t.cos(angle)), nextNoise: t.mul(radius, t.sin(angle)) };
}

/** The input of {@link normals} for `size` actions of a box. */
export const uniformsFor = (space: Space, size: number) => t.float32([2, size, spaceWidth(space)]);
