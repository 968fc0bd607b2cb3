/** @file A multilayer perceptron (ReLU) with dropout, whose masks are inputs: equal uniforms give equal masks. */

import * as nn from "../../src/nn/index.js";
import type { Tensor } from "../../src/tensor/index.js";
import * as t from "../../src/tensor/index.js";

export interface DropoutMlpOptions {
  inputs: number;
  /** Sizes of the hidden layers; none: a linear function. */
  hidden: readonly number[];
  outputs: number;
  /** The probability with which a hidden unit is left out. */
  dropout: number;
}

/** The network, `[B, inputs]` to logits `[B, outputs]`. */
export interface DropoutMlp {
  readonly parameters: nn.ParameterTree;
  /** Number of uniforms that a row needs. */
  readonly noise: number;
  /** Number of features before the last layer. */
  readonly width: number;
  /**
   * The features before the last layer, `[B, width]`.
   *
   * @param uniforms on [0, 1), for dropout: `[B, noise]`, or `[1, noise]` for one mask of all rows; without them all
   *   units act
   */
  embed(parameters: nn.TensorTree, x: Tensor, uniforms?: Tensor): Tensor;
  /** The last layer. */
  head(parameters: nn.TensorTree, embedding: Tensor): Tensor;
  logits(parameters: nn.TensorTree, x: Tensor, uniforms?: Tensor): Tensor;
}

export function dropoutMlp({ inputs, hidden, outputs, dropout }: DropoutMlpOptions): DropoutMlp {
  const sizes = [...hidden, outputs];
  const layers = sizes.map((size, i) =>
    nn.dense(sizes[i - 1] ?? inputs, size, {
      weight: i < hidden.length ? nn.initialisers.heNormal() : nn.initialisers.xavierUniform(),
    }),
  );
  const names = sizes.map((_, i) => (i < hidden.length ? `hidden${i}` : "output"));
  const noise = dropout > 0 ? hidden.reduce((sum, size) => sum + size, 0) : 0;
  const applied = (i: number, parameters: nn.TensorTree, x: Tensor) =>
    layers[i].apply(parameters[names[i]] as nn.TensorTree<nn.DenseParameters>, x);
  const embed: DropoutMlp["embed"] = (parameters, x, uniforms) => {
    const parts = uniforms && noise > 0 ? t.split(uniforms, hidden, 1) : undefined;
    return hidden.reduce((value: Tensor, _, i) => {
      const active = t.relu(applied(i, parameters, value));
      if (!parts) return active;
      const kept = t.cast(t.greaterEqual(parts[i], dropout), "float32");
      return t.mul(active, t.mul(kept, 1 / (1 - dropout)));
    }, x);
  };
  const head: DropoutMlp["head"] = (parameters, embedding) => applied(hidden.length, parameters, embedding);
  return {
    parameters: Object.fromEntries(names.map((name, i) => [name, layers[i].parameters])),
    noise,
    width: hidden.at(-1) ?? inputs,
    embed,
    head,
    logits: (parameters, x, uniforms) => head(parameters, embed(parameters, x, uniforms)),
  };
}
