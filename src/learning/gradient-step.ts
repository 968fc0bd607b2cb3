/** @file One gradient step of one network as tensors: what an optimiser and a target network make of a gradient. */

import type { Layout, ParameterTree } from "../nn/layout.js";
import { adam, clipByGlobalNorm, type Optimiser } from "../nn/optimisers.js";
import type { Rng } from "../random/rng.js";
import type { Tensor, TensorLike } from "../tensor/index.js";
import * as t from "../tensor/index.js";

export type Tensors = Record<string, Tensor>;

/** Plain data: what a checkpoint keeps of a network in training. Each vector is `[n]`, as the layout has it. */
export interface TrainState {
  parameters: Float32Array;
  /** The optimiser's, such as Adam's moments. */
  slots: Float32Array[];
  /** The target network, if there is one. */
  targets?: Float32Array;
  /** Gradient steps so far. */
  steps: number;
}

/** Parameters that are moved together, and how. */
export interface GroupOptions<P extends ParameterTree = ParameterTree> {
  layout: Layout<P>;
  /** Adam, unless set. */
  optimiser?: Optimiser;
  /** A number, or a scalar computed from the shared inputs. */
  learningRate: number | ((shared: Tensors) => TensorLike);
  /** Times the parameters, added to their gradient: the gradient of decay/2 · ‖θ‖². */
  decay?: number;
  /** Added to every element of the gradient. */
  gradientOffset?: number;
  /** Gradients are scaled down to this global norm; unset, they are not. */
  maxGradientNorm?: number;
  /**
   * Keeps a target network, at first equal to the parameters. After each step this gives its new values, element by
   * element, from its old ones and from the parameters that the step led to.
   */
  target?(targets: Tensor, parameters: Tensor, minibatch: Tensors): Tensor;
}

/** What the loss of a minibatch is computed from. */
export interface StepInputs {
  minibatch: Tensors;
  shared: Tensors;
  carried: Tensors;
}

/** The vectors of a group in training, each in the parts of its layout. */
export interface Vectors {
  parameters: readonly Tensor[];
  slots: (readonly Tensor[])[];
  targets?: readonly Tensor[];
}

/** A group's vectors after a step down `gradient`; `number` is 1 at its first step. */
export function stepped(
  { optimiser = adam(), learningRate, decay = 0, gradientOffset = 0, maxGradientNorm, target }: GroupOptions,
  { parameters, slots, targets }: Vectors,
  gradient: readonly Tensor[],
  number: Tensor,
  { shared, minibatch }: StepInputs,
): Vectors {
  const rate = typeof learningRate === "number" ? learningRate : learningRate(shared);
  let slope = gradient;
  if (decay > 0) slope = slope.map((g, k) => t.add(g, t.mul(parameters[k], decay)));
  if (gradientOffset > 0) slope = slope.map((g) => t.add(g, gradientOffset));
  if (maxGradientNorm !== undefined) {
    const { scale } = clipByGlobalNorm(t.concat(slope), maxGradientNorm);
    slope = slope.map((g) => t.mul(g, scale));
  }
  const moved = slope.map((g, k) =>
    optimiser.update(
      parameters[k],
      g,
      slots.map((slot) => slot[k]),
      number,
      rate,
    ),
  );
  return {
    parameters: moved.map((part) => part.parameters),
    slots: slots.map((_, j) => moved.map((part) => part.slots[j])),
    ...(target && { targets: targets!.map((x, k) => target(x, moved[k].parameters, minibatch)) }),
  };
}

/** The inputs that hold the state of a group in training. */
export function stateSpecs({ layout, optimiser = adam(), target }: GroupOptions) {
  const vector = t.float32([layout.size]);
  const slots = Array.from({ length: optimiser.slots }, () => vector);
  return { parameters: vector, slots, ...(target && { targets: vector }), steps: t.float32([]) };
}

/** The vectors of a group whose inputs have names that begin with `path`. */
export function vectorsIn(given: Tensors, path: string, group: GroupOptions): Vectors {
  const { slots, targets } = stateSpecs(group);
  const vector = (key: string) => t.split(given[`${path}.${key}`], group.layout.parts);
  return {
    parameters: vector("parameters"),
    slots: slots.map((_, k) => vector(`slots.${k}`)),
    ...(targets && { targets: vector("targets") }),
  };
}

/** The vectors `[n]` of a group that are given in parts. */
export const joined = ({ parameters, slots, targets }: Vectors) => ({
  parameters: t.concat(parameters),
  slots: slots.map((parts) => t.concat(parts)),
  ...(targets && { targets: t.concat(targets) }),
});

/** A state before the first step: optimisers start from zeros, target networks from the parameters. */
export function initialState({ layout, optimiser = adam(), target }: GroupOptions, rng: Rng): TrainState {
  const parameters = layout.initialise(rng);
  const slots = Array.from({ length: optimiser.slots }, () => new Float32Array(layout.size));
  return { parameters, slots, ...(target && { targets: parameters.slice() }), steps: 0 };
}
