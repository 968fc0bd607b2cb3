/** @file Multilayer perceptrons. */

import { type Initialiser, orthogonal } from "../initialisers.js";
import type { TensorTree } from "../layout.js";
import { type Activation, activation } from "./activations.js";
import { type DenseParameters, dense } from "./dense.js";
import { layerNorm } from "./layer-norm.js";
import { type Features, type Module, sequential } from "./module.js";

export interface MlpOptions {
  inputs: number;
  /** Sizes of the hidden layers, first to last; may be empty. */
  hidden: readonly number[];
  outputs: number;
  /** Applied after every hidden layer; the output is linear. */
  activation?: Activation;
  /** Apply layer normalisation before the activation of each hidden layer. */
  layerNorm?: boolean;
  /** Initial weights of the hidden layers; biases start at zero. */
  initialiser?: Initialiser;
  /** Gain of the orthogonal initial output weights: 1 for values, 0.01 for policies that should start near uniform. */
  outputGain?: number;
}

/** The hidden layers of an MLP, `[..., inputs]` to `[..., width]`; the identity when `hidden` is empty. */
export function hiddenLayers({
  inputs,
  hidden,
  activation: name = "tanh",
  layerNorm: normalised = false,
  initialiser = orthogonal(Math.SQRT2),
}: Omit<MlpOptions, "outputs" | "outputGain">): Features {
  const layers = hidden.map((size, i) => ({
    [`hidden${i}`]: dense(hidden[i - 1] ?? inputs, size, { weight: initialiser }),
    ...(normalised && { [`norm${i}`]: layerNorm(size) }),
    [`activation${i}`]: activation(name),
  }));
  return { ...sequential(Object.assign({}, ...layers)), width: hidden.at(-1) ?? inputs };
}

/**
 * A multilayer perceptron, `[..., inputs]` to `[..., outputs]`.
 *
 * Parameters are `hidden0.weight`, `hidden0.bias` (and `norm0.scale`, `norm0.offset`), …, `output.weight`,
 * `output.bias`.
 */
export function mlp({ outputs, outputGain = 1, ...options }: MlpOptions): Module {
  const { parameters, width, apply } = hiddenLayers(options);
  const output = dense(width, outputs, { weight: orthogonal(outputGain) });
  return {
    parameters: { ...parameters, output: output.parameters },
    apply: (p, x) => output.apply(p.output as TensorTree<DenseParameters>, apply(p, x)),
  };
}
