/**
 * @file The Gumbel-softmax distribution: a differentiable relaxation of a categorical choice
 * [Jang, Gu & Poole 2017; Maddison, Mnih & Teh 2017].
 */

import { UsageError } from "../../errors.js";
import type { Tensor } from "../../tensor/index.js";
import * as t from "../../tensor/index.js";
import { checkSame, type Distribution, insideUnit, required, sumLast } from "./distribution.js";

export interface GumbelSoftmax extends Distribution {
  readonly kind: "gumbel-softmax" | "straight-through";
  /** Log-probabilities `[..., K]` of the choice. */
  readonly logProbs: Tensor;
  kl(other: GumbelSoftmax, noise?: Tensor): Tensor;
}

export interface GumbelSoftmaxOptions {
  /** Above 0. Near 0, samples are almost one-hot and gradients are large; at 1, samples are smooth. */
  temperature?: number;
  /** `soft`: samples inside the simplex. `straight-through`: one-hot samples with the gradient of soft samples. */
  estimator?: "soft" | "straight-through";
}

/** The smallest coordinate of a point on the simplex: log-densities are infinite at the border. */
const SMALLEST = 1e-30;

/**
 * A relaxed choice among K with unnormalised log-probabilities `logits` `[..., K]`. Actions are `[..., K]`, on the
 * simplex or one-hot. A sample takes uniform noise `[..., K]`.
 *
 * With straight-through samples, log-probability, entropy and KL are those of the categorical distribution. With soft
 * samples they refer to the density on the simplex in its first K − 1 coordinates [Maddison, Mnih & Teh 2017, eq. 10];
 * entropy and KL are then unbiased estimates from the noise of one sample.
 *
 * @throws UsageError when the temperature is not above 0
 */
export function gumbelSoftmax(
  logits: Tensor,
  { temperature = 1, estimator = "soft" }: GumbelSoftmaxOptions = {},
): GumbelSoftmax {
  if (!(temperature > 0)) throw new UsageError(`gumbelSoftmax: temperature ${temperature} is not above 0`);
  const logProbs = t.logSoftmax(logits, -1);
  const classes = logits.shape[logits.shape.length - 1] as number;
  const oneHotMode = (): Tensor => t.oneHot(t.argmax(logProbs, -1), classes);

  const relaxed = (noise: Tensor): Tensor => {
    const gumbel = t.neg(t.log(t.neg(t.log(insideUnit(noise)))));
    return t.softmax(t.mul(t.add(logProbs, gumbel), 1 / temperature), -1);
  };

  if (estimator === "straight-through") {
    const probabilities = t.exp(logProbs);
    return {
      kind: "straight-through",
      logProbs,
      noise: { kind: "uniform", shape: logits.shape },
      sample(noise) {
        const soft = relaxed(noise);
        // The second term has value 0 and the derivative of the soft sample.
        return t.add(t.oneHot(t.argmax(soft, -1), classes), t.sub(soft, t.stopGradient(soft)));
      },
      logProb: (action) => sumLast(t.mul(action, logProbs)),
      entropy: () => t.neg(sumLast(t.mul(probabilities, logProbs))),
      kl(other) {
        checkSame("kind", "straight-through", other.kind);
        return sumLast(t.mul(probabilities, t.sub(logProbs, other.logProbs)));
      },
      mode: oneHotMode,
    };
  }

  // log Γ(K) + (K − 1) log τ
  let logNormaliser = (classes - 1) * Math.log(temperature);
  for (let k = 2; k < classes; k++) logNormaliser += Math.log(k);
  const logProb = (action: Tensor): Tensor => {
    const logAction = t.log(t.maximum(action, SMALLEST));
    const scaled = t.sub(logProbs, t.mul(logAction, temperature));
    const product = sumLast(t.sub(scaled, logAction));
    return t.add(t.sub(product, t.mul(t.logSumExp(scaled, -1), classes)), logNormaliser);
  };
  return {
    kind: "gumbel-softmax",
    logProbs,
    noise: { kind: "uniform", shape: logits.shape },
    sample: relaxed,
    logProb,
    entropy: (noise) => t.neg(logProb(relaxed(required(noise, "the entropy of a soft Gumbel-softmax")))),
    kl(other, noise) {
      checkSame("kind", "gumbel-softmax", other.kind);
      const action = relaxed(required(noise, "the KL divergence of a soft Gumbel-softmax"));
      return t.sub(logProb(action), other.logProb(action));
    },
    mode: oneHotMode,
  };
}
