/** @file The networks of classifiers: a linear function, a multilayer perceptron, and convolutions. */

import type { ClassifierData } from "../../../src/active/index.js";
import { widthOf } from "../../../src/datasets/labelled.js";
import { UsageError } from "../../../src/errors.js";
import * as nn from "../../../src/nn/index.js";
import { dropoutMlp } from "../../shared/dropout-mlp.js";
import type { EmbeddingNetwork } from "./gradient-classifier.js";

/** Softmax regression, whose embedding is the features. */
export const linearNetwork = ({ shape, classes }: ClassifierData): EmbeddingNetwork => ({
  name: "softmax-regression",
  ...dropoutMlp({ inputs: widthOf(shape), hidden: [], outputs: classes, dropout: 0 }),
});

export const mlpNetwork = (
  { shape, classes }: ClassifierData,
  { hidden, dropout }: { hidden: readonly number[]; dropout: number },
): EmbeddingNetwork => ({
  name: "mlp",
  ...dropoutMlp({ inputs: widthOf(shape), hidden, outputs: classes, dropout }),
});

/**
 * Convolutions (ReLU), then a multilayer perceptron with dropout.
 *
 * @throws UsageError for items that are no images, and images that are smaller than a kernel
 */
export function cnnNetwork(
  { shape, classes }: ClassifierData,
  {
    hidden,
    dropout,
    convolutions,
  }: { hidden: readonly number[]; dropout: number; convolutions: readonly nn.Convolution[] },
): EmbeddingNetwork {
  if (shape.length !== 3) {
    throw new UsageError(
      `the classifier cnn needs images [channels, height, width], and the items are [${shape.join(", ")}]: use mlp`,
    );
  }
  const [channels, height, width] = shape;
  const layers = nn.convolutionLayers({
    input: [channels, height, width],
    convolutions,
    initialiser: nn.initialisers.heNormal(),
  });
  const dense = dropoutMlp({ inputs: layers.width, hidden, outputs: classes, dropout });
  type Tree = nn.TensorTree;
  return {
    name: "cnn",
    parameters: { convolutions: layers.parameters, dense: dense.parameters },
    noise: dense.noise,
    width: dense.width,
    embed: (parameters, x, uniforms) =>
      dense.embed(parameters.dense as Tree, layers.apply(parameters.convolutions as never, x), uniforms),
    head: (parameters, embedding) => dense.head(parameters.dense as Tree, embedding),
  };
}
