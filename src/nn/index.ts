/** @file Networks, distributions, optimisers and schedules, written as tensor programs. */

export { type Affine, type AffineMap, affine } from "./distributions/affine.js";
export { type Bernoulli, bernoulli } from "./distributions/bernoulli.js";
export { type Categorical, categorical } from "./distributions/categorical.js";
export { type DiagonalGaussian, diagonalGaussian } from "./distributions/diagonal-gaussian.js";
export type { Distribution, Noise } from "./distributions/distribution.js";
export {
  type GumbelSoftmax,
  type GumbelSoftmaxOptions,
  gumbelSoftmax,
} from "./distributions/gumbel-softmax.js";
export { type MultiCategorical, multiCategorical } from "./distributions/multi-categorical.js";
export { type Bounds, type TanhGaussian, tanhGaussian } from "./distributions/tanh-gaussian.js";
export type { Initialiser } from "./initialisers.js";
export * as initialisers from "./initialisers.js";
export {
  type Layout,
  type LayoutEntry,
  layoutOf,
  type NamedArray,
  type Parameter,
  type ParameterTree,
  type TensorTree,
} from "./layout.js";
export { type Activation, activation, activationNames } from "./networks/activations.js";
export {
  type CnnOptions,
  type Convolution,
  cnn,
  convolutionLayers,
  natureConvolutions,
} from "./networks/cnn.js";
export { type DenseOptions, type DenseParameters, dense } from "./networks/dense.js";
export { type Gru, type GruOptions, type GruParameters, gru } from "./networks/gru.js";
export { type LayerNormParameters, layerNorm } from "./networks/layer-norm.js";
export { hiddenLayers, type MlpOptions, mlp } from "./networks/mlp.js";
export { type Features, type Module, sequential } from "./networks/module.js";
export {
  type AdamOptions,
  type AdamWOptions,
  adam,
  adamW,
  clipByGlobalNorm,
  type Optimiser,
  type OptimiserState,
  type RmspropOptions,
  rmsprop,
  type SgdOptions,
  sgd,
  softUpdate,
} from "./optimisers.js";
export type { Schedule } from "./schedules.js";
export * as schedules from "./schedules.js";
