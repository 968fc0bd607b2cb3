/** @file The categorical distribution: one choice among K. */

import type { Tensor } from "../../tensor/index.js";
import * as t from "../../tensor/index.js";
import { checkSame, type Distribution, sumLast } from "./distribution.js";

export interface Categorical extends Distribution {
  readonly kind: "categorical";
  /** Log-probabilities `[..., K]`. */
  readonly logProbs: Tensor;
  kl(other: Categorical): Tensor;
}

/**
 * The distribution with unnormalised log-probabilities `logits` `[..., K]`. Actions are `int32` `[...]`. A sample
 * takes uniform noise `[...]`.
 *
 * To exclude a choice, give it a very negative finite logit, such as −1e9: it is never sampled.
 */
export function categorical(logits: Tensor): Categorical {
  const logProbs = t.logSoftmax(logits, -1);
  const probabilities = t.exp(logProbs);
  const classes = logits.shape[logits.shape.length - 1] as number;
  return {
    kind: "categorical",
    logProbs,
    noise: { kind: "uniform", shape: logits.shape.slice(0, -1) },
    sample(noise) {
      // The sample is the number of cumulative probabilities at or below u. Scaling u by the last cumulative
      // probability, and keeping u below 1, ensures that rounding never selects a choice of probability zero.
      const cumulative = t.cumsum(probabilities, -1);
      const total = t.slice(cumulative, classes - 1, classes, -1);
      const threshold = t.mul(t.expandDims(t.minimum(noise, 1 - 2 ** -24), -1), total);
      return t.cast(sumLast(t.cast(t.lessEqual(cumulative, threshold), "float32")), "int32");
    },
    logProb(action) {
      const all = t.broadcastTo(logProbs, [...action.shape, classes]);
      return t.squeeze(t.takeAlongAxis(all, t.expandDims(action, -1), -1), -1);
    },
    entropy: () => t.neg(sumLast(t.mul(probabilities, logProbs))),
    kl(other) {
      checkSame("kind", "categorical", other.kind);
      return sumLast(t.mul(probabilities, t.sub(logProbs, other.logProbs)));
    },
    mode: () => t.argmax(logProbs, -1),
  };
}
