/** @file Small convolutional networks for images. */

import { UsageError } from "../../errors.js";
import * as t from "../../tensor/index.js";
import { type Initialiser, orthogonal, zeros } from "../initialisers.js";
import type { Parameter, TensorTree } from "../layout.js";
import { type Activation, activation } from "./activations.js";
import { mlp } from "./mlp.js";
import { type Features, type Module, sequential } from "./module.js";

export interface Convolution {
  filters: number;
  /** Side of the square kernel, in pixels. */
  size: number;
  stride?: number;
  /** Zeros around the image, in pixels. */
  padding?: number;
  /** Side of the squares of pixels of which the largest is kept after the activation; 1: all are. */
  pool?: number;
}

export interface CnnOptions {
  /** Shape of one image. */
  input: readonly [channels: number, height: number, width: number];
  convolutions?: readonly Convolution[];
  /** Sizes of the dense layers after the convolutions. */
  hidden?: readonly number[];
  outputs: number;
  /** Applied after every convolution and hidden layer; the output is linear. */
  activation?: Activation;
  /** Initial weights of the convolutions and hidden layers; biases start at zero. */
  initialiser?: Initialiser;
  /** Gain of the orthogonal initial output weights. */
  outputGain?: number;
}

/** The convolutions of the DQN network for 84 × 84 images [Mnih et al. 2015]. */
export const natureConvolutions: readonly Convolution[] = [
  { filters: 32, size: 8, stride: 4 },
  { filters: 64, size: 4, stride: 2 },
  { filters: 64, size: 3, stride: 1 },
];

/**
 * Convolutions, each followed by an activation. Maps images `[B, channels, height, width]`, or flattened images
 * `[B, pixels]`, to features `[B, width]`, the flattened outputs of the last convolution.
 *
 * Parameters are `convolution0.weight` `[filters, channels, size, size]`, `convolution0.bias`, …
 *
 * @throws UsageError when the image is smaller than a kernel
 */
export function convolutionLayers({
  input,
  convolutions = natureConvolutions,
  activation: name = "relu",
  initialiser = orthogonal(Math.SQRT2),
}: Pick<CnnOptions, "input" | "convolutions" | "activation" | "initialiser">): Features {
  const activate = activation(name);
  const layers: Record<string, Module | ((x: t.Tensor) => t.Tensor)> = {
    image: (x) => t.reshape(x, [-1, ...input]),
  };
  let [channels, height, width] = input;
  convolutions.forEach(({ filters, size, stride = 1, padding = 0, pool = 1 }, i) => {
    const reach = (side: number): number => Math.floor((side + 2 * padding - size) / stride) + 1;
    if (reach(height) < 1 || reach(width) < 1) {
      throw new UsageError(
        `cnn: convolution ${i} has a ${size}×${size} kernel, but its input is ${height}×${width} ` +
          `(padding ${padding}); use larger images or fewer, smaller convolutions`,
      );
    }
    layers[`convolution${i}`] = convolution(channels, { filters, size, stride, padding }, initialiser);
    layers[`activation${i}`] = activate;
    if (pool > 1) layers[`pool${i}`] = (x) => t.maxPool2d(x, { size: pool });
    const pooled = (side: number) => Math.floor(reach(side) / pool);
    [channels, height, width] = [filters, pooled(height), pooled(width)];
  });
  const features = channels * height * width;
  layers.features = (x) => t.reshape(x, [-1, features]);
  return { ...sequential(layers), width: features };
}

/**
 * Convolutions, then dense layers. Maps images `[B, channels, height, width]`, or flattened images `[B, pixels]`,
 * to `[B, outputs]`.
 *
 * Parameters are those of `convolutionLayers`, and `head.*` as in `mlp`.
 *
 * @throws UsageError when the image is smaller than a kernel
 */
export function cnn({ hidden = [512], outputs, outputGain = 1, ...options }: CnnOptions): Module {
  const { parameters, width, apply } = convolutionLayers(options);
  const { activation = "relu", initialiser } = options;
  const head = mlp({ inputs: width, hidden, outputs, activation, initialiser, outputGain });
  return {
    parameters: { ...parameters, head: head.parameters },
    apply: (p, x) => head.apply(p.head as TensorTree, apply(p, x)),
  };
}

/** One convolution with a bias per filter: `[B, channels, H, W]` to `[B, filters, H', W']`. */
const convolution = (
  channels: number,
  { filters, size, stride, padding }: Required<Omit<Convolution, "pool">>,
  initialiser: Initialiser,
): Module<{ readonly weight: Parameter; readonly bias: Parameter }> => ({
  parameters: {
    weight: { shape: [filters, channels, size, size], initialise: initialiser },
    bias: { shape: [filters], initialise: zeros },
  },
  apply: ({ weight, bias }, x) =>
    t.add(t.conv2d(x, weight, { stride, padding }), t.reshape(bias, [filters, 1, 1])),
});
