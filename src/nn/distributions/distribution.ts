/** @file What every distribution over actions or latent codes can do. */

import { UsageError } from "../../errors.js";
import type { Shape, Tensor } from "../../tensor/index.js";
import * as t from "../../tensor/index.js";

/** The random numbers that one sample is made from: independent, uniform on [0, 1) or standard normal. */
export interface Noise {
  readonly kind: "uniform" | "normal";
  readonly shape: Shape;
}

/**
 * A batch of distributions, given by parameter tensors whose leading axes `[...]` are the batch. What the last axis
 * means is up to the kind; log-probabilities, entropies and divergences have shape `[...]`, in nats.
 */
export interface Distribution {
  /** Which distribution it is. */
  readonly kind: string;
  /** What `sample` needs. Noise with more leading axes gives more samples. */
  readonly noise: Noise;
  /** A sample as a function of the noise; programs stay deterministic. */
  sample(noise: Tensor): Tensor;
  /** Log of the probability (discrete) or density (continuous) of an action. */
  logProb(action: Tensor): Tensor;
  /** The entropy; where none is known in closed form, an unbiased estimate from the noise of one sample. */
  entropy(noise?: Tensor): Tensor;
  /** KL(this ‖ other) for another of the same kind; where not known in closed form, an estimate from noise. */
  kl(other: Distribution, noise?: Tensor): Tensor;
  /** The most probable action; for a squashed Gaussian, the squashed mode. */
  mode(): Tensor;
}

/** Refuses a divergence between distributions that live on different sets. */
export function checkSame(quantity: string, mine: string | number, theirs: string | number): void {
  if (mine !== theirs) {
    throw new UsageError(`kl: the distributions differ in ${quantity}: ${mine} and ${theirs}`);
  }
}

/** The noise argument of an estimate. */
export function required(noise: Tensor | undefined, what: string): Tensor {
  if (!noise) throw new UsageError(`${what} has no closed form: pass the noise of a sample`);
  return noise;
}

/** The sum over the last axis. */
export const sumLast = (x: Tensor): Tensor => t.sum(x, -1);

/** Uniforms moved inside (0, 1), so that their logarithms are finite. Float32 cannot get nearer to 1. */
export const insideUnit = (uniform: Tensor): Tensor => t.clip(uniform, 2 ** -24, 1 - 2 ** -24);
