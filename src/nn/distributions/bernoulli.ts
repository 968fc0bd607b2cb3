/** @file The distribution of D independent binary choices. */

import type { Tensor } from "../../tensor/index.js";
import * as t from "../../tensor/index.js";
import { checkSame, type Distribution, sumLast } from "./distribution.js";

export interface Bernoulli extends Distribution {
  readonly kind: "bernoulli";
  readonly logits: Tensor;
  kl(other: Bernoulli): Tensor;
}

/**
 * D independent binary choices with logits `[..., D]`; entry d is 1 with probability sigmoid(logit). Actions are
 * `int32` `[..., D]` of 0 and 1. A sample takes uniform noise `[..., D]`.
 */
export function bernoulli(logits: Tensor): Bernoulli {
  const probability = t.sigmoid(logits);
  const logZero = t.neg(t.softplus(logits));
  return {
    kind: "bernoulli",
    logits,
    noise: { kind: "uniform", shape: logits.shape },
    sample: (noise) => t.cast(t.less(noise, probability), "int32"),
    logProb: (action) => sumLast(t.add(t.mul(t.cast(action, "float32"), logits), logZero)),
    // −p log p − (1 − p) log(1 − p), with log p = logit + log(1 − p).
    entropy: () => t.neg(sumLast(t.add(t.mul(probability, logits), logZero))),
    kl(other) {
      checkSame("kind", "bernoulli", other.kind);
      const differenceOfZeros = t.sub(t.softplus(other.logits), t.softplus(logits));
      return sumLast(t.add(t.mul(probability, t.sub(logits, other.logits)), differenceOfZeros));
    },
    mode: () => t.cast(t.greater(logits, 0), "int32"),
  };
}
