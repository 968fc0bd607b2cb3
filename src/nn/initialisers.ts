/** @file Initial values of parameters. Each initialiser fills one parameter of the flat vector in place. */

import type { Rng } from "../random/rng.js";

/**
 * Fills `out` with the initial values, in row-major order, of a parameter of shape `shape`.
 *
 * Dense weights are `[inputs, outputs]` and convolution weights `[filters, channels, height, width]`. This defines
 * fan in (inputs per output) and fan out (outputs per input).
 */
export type Initialiser = (out: Float32Array, shape: readonly number[], rng: Rng) => void;

function fans(shape: readonly number[]): { fanIn: number; fanOut: number } {
  if (shape.length < 2) {
    throw new Error(
      `a parameter of shape [${shape.join(", ")}] has no fan: initialise it with zeros, constant or uniform`,
    );
  }
  if (shape.length === 2) return { fanIn: shape[0], fanOut: shape[1] };
  const receptiveField = shape.slice(2).reduce((a, b) => a * b, 1);
  return { fanIn: shape[1] * receptiveField, fanOut: shape[0] * receptiveField };
}

/** Every element equal to `value`. */
export const constant =
  (value: number): Initialiser =>
  (out) => {
    out.fill(value);
  };

export const zeros: Initialiser = constant(0);

/** Uniform on (−bound, bound). */
export const uniform =
  (bound: number): Initialiser =>
  (out, _shape, rng) => {
    for (let i = 0; i < out.length; i++) out[i] = bound * (2 * rng.uniform() - 1);
  };

/** Normal with mean zero and this standard deviation. */
export const normal =
  (std: number): Initialiser =>
  (out, _shape, rng) => {
    for (let i = 0; i < out.length; i++) out[i] = std * rng.normal();
  };

/** Uniform with variance gain² · 2 / (fan in + fan out) [Glorot & Bengio 2010, eq. 16]. */
export const xavierUniform =
  (gain = 1): Initialiser =>
  (out, shape, rng) => {
    const { fanIn, fanOut } = fans(shape);
    uniform(gain * Math.sqrt(6 / (fanIn + fanOut)))(out, shape, rng);
  };

/** Normal with variance gain² / fan in [He et al. 2015, eq. 10]; the default gain √2 is for ReLU. */
export const heNormal =
  (gain = Math.SQRT2): Initialiser =>
  (out, shape, rng) =>
    normal(gain / Math.sqrt(fans(shape).fanIn))(out, shape, rng);

/** Uniform with the variance of {@link heNormal}. */
export const heUniform =
  (gain = Math.SQRT2): Initialiser =>
  (out, shape, rng) =>
    uniform(gain * Math.sqrt(3 / fans(shape).fanIn))(out, shape, rng);

/** Uniform on ±1/√(fan in): the default of PyTorch's `Linear` and `Conv2d` weights. */
export const fanInUniform: Initialiser = heUniform(Math.sqrt(1 / 3));

/**
 * `gain` times a uniformly random matrix with orthonormal columns, or orthonormal rows when it has fewer rows than
 * columns [Saxe et al. 2014]. Parameters of rank above 2 are treated as matrices `[shape[0], size / shape[0]]`.
 */
export const orthogonal =
  (gain = 1): Initialiser =>
  (out, shape, rng) => {
    const rows = shape[0];
    const columns = out.length / rows;
    const vectors = orthonormalVectors(Math.min(rows, columns), Math.max(rows, columns), rng);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        out[i * columns + j] = gain * (rows < columns ? vectors[i][j] : vectors[j][i]);
      }
    }
  };

/**
 * `count` orthonormal vectors, by modified Gram–Schmidt on normal vectors. These are well enough conditioned that the
 * rounding errors, in double precision, are below float32 precision.
 */
function orthonormalVectors(count: number, length: number, rng: Rng): Float64Array[] {
  const vectors = Array.from({ length: count }, () => rng.fillNormal(new Float64Array(length)));
  vectors.forEach((current, i) => {
    for (let other = 0; other < i; other++) {
      const direction = vectors[other];
      const projection = dot(current, direction);
      for (let k = 0; k < length; k++) current[k] -= projection * direction[k];
    }
    const norm = Math.sqrt(dot(current, current));
    for (let k = 0; k < length; k++) current[k] /= norm;
  });
  return vectors;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}
