/** @file One gradient step of one network as tensors: the updates of parameters, optimiser slots and target network. */

import type { Layout, ParameterTree } from "../nn/layout.js";
import { adam, clipByGlobalNorm, type Optimiser } from "../nn/optimisers.js";
import type { Rng } from "../random/rng.js";
import type { Tensor, TensorLike } from "../tensor/index.js";
import * as t from "../tensor/index.js";

export type Tensors = Record<string, Tensor>;

/** A network in training, as plain data for checkpoints. Each vector is flat, `[n]`, in the order of the layout. */
export interface TrainState {
  parameters: Float32Array;
  /** The optimiser's vectors, such as Adam's moments. */
  slots: Float32Array[];
  /** The target network, if there is one. */
  targets?: Float32Array;
  /** Number of gradient steps so far. */
  steps: number;
}

/** Parameters that are updated together, and their update rule. */
export interface GroupOptions<P extends ParameterTree = ParameterTree> {
  layout: Layout<P>;
  /** The optimiser; Adam by default. */
  optimiser?: Optimiser;
  /** Step size: a number, or a scalar computed from the shared inputs. */
  learningRate: number | ((shared: Tensors) => TensorLike);
  /** Weight λ of the L2 penalty λ/2 · ‖θ‖², whose gradient is added. */
  decay?: number;
  /** Constant added to every element of the gradient. */
  gradientOffset?: number;
  /** Largest global norm of the gradient, to which larger ones are scaled down; unset: no limit. */
  maxGradientNorm?: number;
  /**
   * Takes every n-th step of the trainer only, and is left as it is, targets included, in the others. The optimiser
   * counts the steps taken. Default 1: all.
   */
  every?: number;
  /**
   * Adds a target network, initially equal to the parameters. After each step this function computes its new values, by
   * element, from its old values and the new parameters. `number` is the number of the step, from 1.
   */
  target?(targets: Tensor, parameters: Tensor, minibatch: Tensors, number: Tensor): Tensor;
}

/** Inputs of a minibatch's loss. */
export interface StepInputs {
  minibatch: Tensors;
  shared: Tensors;
  carried: Tensors;
}

/** The vectors of a group in training, each split into the parts of the layout. */
export interface Vectors {
  parameters: readonly Tensor[];
  slots: (readonly Tensor[])[];
  targets?: readonly Tensor[];
}

/** Whether a number of steps, a scalar, is a multiple of `every`. */
export const isMultiple = (number: Tensor, every: number): Tensor =>
  t.equal(t.mul(t.floor(t.div(number, every)), every), number);

/** The vectors of a group after a step down `gradient`. `number` is the step's number, from 1. */
export function stepped(
  group: GroupOptions,
  before: Vectors,
  gradient: readonly Tensor[],
  number: Tensor,
  inputs: StepInputs,
): Vectors {
  const { every = 1 } = group;
  if (every === 1) return moved(group, before, gradient, number, inputs);
  const after = moved(group, before, gradient, t.floor(t.div(number, every)), inputs);
  const isDue = isMultiple(number, every);
  const chosen = (next: readonly Tensor[], last: readonly Tensor[]) =>
    next.map((part, k) => t.where(isDue, part, last[k]));
  return {
    parameters: chosen(after.parameters, before.parameters),
    slots: after.slots.map((parts, j) => chosen(parts, before.slots[j])),
    ...(after.targets && { targets: chosen(after.targets, before.targets!) }),
  };
}

/** The vectors after a step that the group takes. */
function moved(
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
  const steps = slope.map((g, k) =>
    optimiser.update(
      parameters[k],
      g,
      slots.map((slot) => slot[k]),
      number,
      rate,
    ),
  );
  return {
    parameters: steps.map((part) => part.parameters),
    slots: slots.map((_, j) => steps.map((part) => part.slots[j])),
    ...(target && { targets: targets!.map((x, k) => target(x, steps[k].parameters, minibatch, number)) }),
  };
}

/** Input specifications of the state of a group in training. */
export function stateSpecs({ layout, optimiser = adam(), target }: GroupOptions) {
  const vector = t.float32([layout.size]);
  const slots = Array.from({ length: optimiser.slots }, () => vector);
  return { parameters: vector, slots, ...(target && { targets: vector }), steps: t.float32([]) };
}

/** The vectors of a group, from the inputs whose names begin with `path`. */
export function vectorsIn(tensors: Tensors, path: string, group: GroupOptions): Vectors {
  const { slots, targets } = stateSpecs(group);
  const vector = (key: string) => t.split(tensors[`${path}.${key}`], group.layout.parts);
  return {
    parameters: vector("parameters"),
    slots: slots.map((_, k) => vector(`slots.${k}`)),
    ...(targets && { targets: vector("targets") }),
  };
}

/** The flat vectors `[n]` of a group, from their parts. */
export const joined = ({ parameters, slots, targets }: Vectors) => ({
  parameters: t.concat(parameters),
  slots: slots.map((parts) => t.concat(parts)),
  ...(targets && { targets: t.concat(targets) }),
});

/** The state before the first step: optimiser slots are 0, the target network equals the parameters. */
export function initialState({ layout, optimiser = adam(), target }: GroupOptions, rng: Rng): TrainState {
  const parameters = layout.initialise(rng);
  const slots = Array.from({ length: optimiser.slots }, () => new Float32Array(layout.size));
  return { parameters, slots, ...(target && { targets: parameters.slice() }), steps: 0 };
}
