/**
 * @file Normal variables squashed by tanh into a box, for bounded continuous actions [Haarnoja et al. 2018a, app. C].
 */

import { UsageError } from "../../errors.js";
import type { Tensor } from "../../tensor/index.js";
import * as t from "../../tensor/index.js";
import { type DiagonalGaussian, diagonalGaussian, gaussianLogProb } from "./diagonal-gaussian.js";
import { checkSame, type Distribution, required, sumLast } from "./distribution.js";

export interface TanhGaussian extends Distribution {
  readonly kind: "tanh-gaussian";
  /** The Gaussian before squashing. */
  readonly base: DiagonalGaussian;
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** A sample and its log-probability. Exact also where tanh saturates and cannot be inverted. */
  sampleWithLogProb(noise: Tensor): { action: Tensor; logProb: Tensor };
  kl(other: TanhGaussian): Tensor;
}

export interface Bounds {
  /** The lower bound of each action dimension, or of all. */
  low?: number | readonly number[];
  high?: number | readonly number[];
}

/** The largest squashed value: the last float32 before 1. Actions beyond it are treated as lying at it. */
const LARGEST_SQUASHED = 1 - 2 ** -24;

/**
 * low + (high − low) (1 + tanh u) / 2 for u normal with these means `[..., D]` and log standard deviations, `[..., D]`
 * or `[D]`. Actions are `[..., D]`. A sample takes normal noise `[..., D]`.
 *
 * The entropy has no closed form. With noise, it is estimated without bias as the exact entropy of the Gaussian plus
 * the log-Jacobian at one sample. The KL divergence equals that of the Gaussians, because squashing is invertible.
 *
 * @throws UsageError when a bound is not finite, or low is not below high
 */
export function tanhGaussian(
  mean: Tensor,
  logStd: Tensor,
  { low = -1, high = 1 }: Bounds = {},
): TanhGaussian {
  const dimensions = mean.shape[mean.shape.length - 1] as number;
  const lows = perDimension("low", low, dimensions);
  const highs = perDimension("high", high, dimensions);
  lows.forEach((value, d) => {
    if (!(Number.isFinite(value) && Number.isFinite(highs[d]) && value < highs[d])) {
      throw new UsageError(
        `tanhGaussian: dimension ${d} is bounded by ${value} and ${highs[d]}; give finite low < high`,
      );
    }
  });
  const halfWidths = lows.map((value, d) => (highs[d] - value) / 2);
  const centres = lows.map((value, d) => (highs[d] + value) / 2);
  const logScale = halfWidths.reduce((sum, width) => sum + Math.log(4 * width), 0);
  const isUnit = halfWidths.every((width) => width === 1) && centres.every((centre) => centre === 0);

  const base = diagonalGaussian(mean, logStd);
  const squash = (u: Tensor): Tensor =>
    isUnit ? t.tanh(u) : t.add(t.mul(t.tanh(u), t.constant(halfWidths)), t.constant(centres));
  /**
   * log |da/du|, summed over dimensions: log(1 − tanh² u) = 2 (log 2 − u − softplus(−2u)), which does not cancel for
   * large u.
   */
  const logJacobian = (u: Tensor): Tensor => {
    const halves = sumLast(t.add(u, t.softplus(t.mul(u, -2))));
    return t.sub(logScale, t.mul(halves, 2));
  };

  return {
    kind: "tanh-gaussian",
    base,
    low: lows,
    high: highs,
    noise: base.noise,
    sample: (noise) => squash(base.sample(noise)),
    sampleWithLogProb(noise) {
      const u = base.sample(noise);
      return { action: squash(u), logProb: t.sub(gaussianLogProb(noise, logStd), logJacobian(u)) };
    },
    logProb(action) {
      const unit = isUnit ? action : t.div(t.sub(action, t.constant(centres)), t.constant(halfWidths));
      const inside = t.clip(unit, -LARGEST_SQUASHED, LARGEST_SQUASHED);
      const u = t.mul(t.sub(t.log1p(inside), t.log1p(t.neg(inside))), 0.5);
      return t.sub(base.logProb(u), logJacobian(u));
    },
    entropy: (noise) =>
      t.add(base.entropy(), logJacobian(base.sample(required(noise, "the entropy of a tanh-Gaussian")))),
    kl(other) {
      checkSame("kind", "tanh-gaussian", other.kind);
      checkSame("lower bounds", lows.join(), other.low.join());
      checkSame("upper bounds", highs.join(), other.high.join());
      return base.kl(other.base);
    },
    mode: () => squash(mean),
  };
}

function perDimension(
  name: string,
  bound: number | readonly number[],
  dimensions: number,
): readonly number[] {
  if (typeof bound === "number") return new Array<number>(dimensions).fill(bound);
  if (bound.length !== dimensions) {
    throw new UsageError(`tanhGaussian: ${name} has ${bound.length} values for ${dimensions} dimensions`);
  }
  return bound;
}
