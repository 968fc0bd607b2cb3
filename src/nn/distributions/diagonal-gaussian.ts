/** @file The Gaussian distribution with diagonal covariance. */

import type { Tensor } from "../../tensor/index.js";
import * as t from "../../tensor/index.js";
import { checkSame, type Distribution, sumLast } from "./distribution.js";

export interface DiagonalGaussian extends Distribution {
  readonly kind: "diagonal-gaussian";
  readonly mean: Tensor;
  readonly logStd: Tensor;
  kl(other: DiagonalGaussian): Tensor;
}

/**
 * Independent normal variables with means `[..., D]` and log standard deviations `[..., D]`, or `[D]` when the batch
 * shares them. Actions are `[..., D]`. A sample takes normal noise `[..., D]`.
 */
export function diagonalGaussian(mean: Tensor, logStd: Tensor): DiagonalGaussian {
  const sample = (noise: Tensor) => t.add(mean, t.mul(noise, t.exp(logStd)));
  return {
    kind: "diagonal-gaussian",
    mean,
    logStd,
    noise: { kind: "normal", shape: mean.shape },
    sample,
    sampleWithLogProb: (noise) => ({ action: sample(noise), logProb: gaussianLogProb(noise, logStd) }),
    logProb: (action) => gaussianLogProb(t.mul(t.sub(action, mean), t.exp(t.neg(logStd))), logStd),
    entropy: () => sumLast(t.add(t.broadcastTo(logStd, mean.shape, mean), (1 + Math.log(2 * Math.PI)) / 2)),
    kl(other) {
      checkSame("kind", "diagonal-gaussian", other.kind);
      const logRatio = t.sub(logStd, other.logStd);
      const distance = t.square(t.mul(t.sub(mean, other.mean), t.exp(t.neg(other.logStd))));
      const squares = t.add(t.exp(t.mul(logRatio, 2)), distance);
      return sumLast(t.sub(t.mul(t.sub(squares, 1), 0.5), logRatio));
    },
    mode: () => mean,
  };
}

/** The log-density of independent normal variables at `mean + z · std`: `[..., D]` to `[...]`. */
export function gaussianLogProb(z: Tensor, logStd: Tensor): Tensor {
  const dimensions = z.shape[z.shape.length - 1] as number;
  const constant = -0.5 * dimensions * Math.log(2 * Math.PI);
  return t.sub(constant, sumLast(t.add(t.mul(t.square(z), 0.5), logStd)));
}
