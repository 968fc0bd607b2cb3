/** @file Activation functions, by the names used in options. */

import { didYouMean, UsageError } from "../../errors.js";
import type { Tensor } from "../../tensor/index.js";
import * as t from "../../tensor/index.js";

const activations = {
  tanh: t.tanh,
  relu: t.relu,
  elu: t.elu,
  gelu: t.gelu,
  silu: (x: Tensor) => t.mul(x, t.sigmoid(x)),
  sigmoid: t.sigmoid,
  softplus: t.softplus,
  identity: (x: Tensor) => x,
} satisfies Record<string, (x: Tensor) => Tensor>;

/** The name of an activation function. */
export type Activation = keyof typeof activations;

/** The names of all activation functions. */
export const activationNames = Object.keys(activations) as Activation[];

/**
 * The activation function named `name`.
 *
 * @throws UsageError for an unknown name
 */
export function activation(name: Activation): (x: Tensor) => Tensor {
  if (!Object.hasOwn(activations, name)) {
    throw new UsageError(`unknown activation "${name}"${didYouMean(name, activationNames)}`);
  }
  return activations[name];
}
