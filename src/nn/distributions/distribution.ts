/** @file The interface of distributions over actions or latent codes. */

import { UsageError } from "../../errors.js";
import type { Shape, Tensor } from "../../tensor/index.js";
import * as t from "../../tensor/index.js";

/** The noise of one sample: independent random numbers, uniform on [0, 1) or standard normal. */
export interface Noise {
  readonly kind: "uniform" | "normal";
  readonly shape: Shape;
}

/**
 * A batch of distributions, defined by parameter tensors whose leading axes `[...]` are the batch. The meaning of the
 * last axis depends on the kind. Log-probabilities, entropies and divergences have shape `[...]`, in nats.
 */
export interface Distribution {
  /** The name of the kind of distribution. */
  readonly kind: string;
  /** The kind and shape of the noise that `sample` takes. Noise with more leading axes gives more samples. */
  readonly noise: Noise;
  /** A sample, computed from the noise, so that programs are deterministic. */
  sample(noise: Tensor): Tensor;
  /** `sample(noise)` and its log-probability in fewer operations than one after the other, where there is such a way. */
  sampleWithLogProb?(noise: Tensor): { action: Tensor; logProb: Tensor };
  /** Log of the probability (discrete) or density (continuous) of an action. */
  logProb(action: Tensor): Tensor;
  /** The entropy. Without a closed form, an unbiased estimate from the noise of one sample. */
  entropy(noise?: Tensor): Tensor;
  /** KL(this ‖ other) for a distribution of the same kind. Without a closed form, an unbiased estimate from noise. */
  kl(other: Distribution, noise?: Tensor): Tensor;
  /** The most probable action; for a squashed Gaussian, the squashed mode. */
  mode(): Tensor;
}

/** A sample and its log-probability. */
export function sampleWithLogProb(pi: Distribution, noise: Tensor): { action: Tensor; logProb: Tensor } {
  if (pi.sampleWithLogProb) return pi.sampleWithLogProb(noise);
  const action = pi.sample(noise);
  return { action, logProb: pi.logProb(action) };
}

/** @throws UsageError when two distributions differ in `quantity`, so that their divergence is undefined. */
export function checkSame(quantity: string, mine: string | number, theirs: string | number): void {
  if (mine !== theirs) {
    throw new UsageError(`kl: the distributions differ in ${quantity}: ${mine} and ${theirs}`);
  }
}

/** The noise of an estimate. Throws UsageError when it is missing. */
export function required(noise: Tensor | undefined, what: string): Tensor {
  if (!noise) throw new UsageError(`${what} has no closed form: pass the noise of a sample`);
  return noise;
}

/** The sum over the last axis. */
export const sumLast = (x: Tensor): Tensor => t.sum(x, -1);

/**
 * Uniform numbers clipped to the open interval (0, 1), so that logarithms are finite. 1 − 2⁻²⁴ is the largest float32
 * below 1.
 */
export const insideUnit = (uniform: Tensor): Tensor => t.clip(uniform, 2 ** -24, 1 - 2 ** -24);
