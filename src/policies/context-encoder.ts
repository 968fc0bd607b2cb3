/**
 * @file The context encoder of PEARL: q(z | c) over a latent task variable z as a product of Gaussian factors, one for
 * each transition of the context c [Rakelly et al. 2019, §4.2], so that the order of transitions does not matter.
 */

import type { TensorTree } from "../nn/index.js";
import * as nn from "../nn/index.js";
import { encodedWidth, type Space } from "../spaces/index.js";
import type { Tensor } from "../tensor/index.js";
import * as t from "../tensor/index.js";

export interface ContextEncoderSettings {
  observationSpace: Space;
  actionSpace: Space;
  /** Sizes of the hidden layers; their activation is relu. */
  encoderHidden: number[];
  /** The size L of z. */
  latent: number;
  /** Whether a transition includes the next observation, for families whose dynamics differ. */
  encodeNext: boolean;
}

/** Transitions, encoded as the parts of feedback rows are: discrete parts one-hot, box actions scaled to ±1. */
export interface EncodedTransitions {
  /** `[B, S]`. */
  observations: Tensor;
  /** `[B, A]`. */
  actions: Tensor;
  /** `[B, 1]`. */
  rewards: Tensor;
  /** `[B, S]`; only for encoders that receive them. */
  nextObservations?: Tensor;
}

/** The sufficient statistics of Gaussian factors, `[..., L]` each: sums over factors are those of their product. */
export interface Evidence {
  /** Σ 1/σ². */
  precision: Tensor;
  /** Σ μ/σ². */
  weighted: Tensor;
}

export interface ContextEncoder {
  readonly layout: nn.Layout;
  /** The factors Ψ(z | cₙ) = N(μ, σ²) of B transitions, `[B, L]` each. */
  factors(parameters: TensorTree, transitions: EncodedTransitions): Evidence;
}

/** The smallest variance of a factor, as in the code of the paper. */
const LEAST_VARIANCE = 1e-7;

/** The encoder of `settings`: hidden layers, then μ and softplus⁻¹(σ²) of each entry of z. */
export function contextEncoder(settings: ContextEncoderSettings): ContextEncoder {
  const { observationSpace, actionSpace, encoderHidden: hidden, latent, encodeNext } = settings;
  const observation = encodedWidth(observationSpace);
  const inputs = observation * (encodeNext ? 2 : 1) + encodedWidth(actionSpace) + 1;
  const network = nn.mlp({ inputs, hidden, outputs: 2 * latent, activation: "relu" });
  return {
    layout: nn.layoutOf(network.parameters),
    factors(parameters, { observations, actions, rewards, nextObservations }) {
      const parts = [observations, actions, rewards, ...(encodeNext ? [nextObservations!] : [])];
      const outputs = network.apply(parameters, t.concat(parts, -1));
      const [mean, raw] = t.split(outputs, [latent, latent], -1);
      const precision = t.div(1, t.maximum(t.softplus(raw), LEAST_VARIANCE));
      return { precision, weighted: t.mul(mean, precision) };
    },
  };
}

/**
 * q(z | c) from the sums over the factors of the context, `[..., L]` [Rakelly et al. 2019, eq. 2]. Without a factor
 * (precision 0) it is the prior N(0, 1).
 */
export function latentPosterior({ precision, weighted }: Evidence): nn.DiagonalGaussian {
  const total = t.where(t.greater(precision, 0), precision, 1);
  return nn.diagonalGaussian(t.div(weighted, total), t.mul(t.log(total), -0.5));
}
