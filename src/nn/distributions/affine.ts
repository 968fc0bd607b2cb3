/** @file Affine transformations of continuous distributions, for actions in other units than those of a network. */

import type { Tensor } from "../../tensor/index.js";
import * as t from "../../tensor/index.js";
import { checkSame, type Distribution, sampleWithLogProb } from "./distribution.js";

/** a = shift + scale · u, entry by entry, `[D]` each. */
export interface AffineMap {
  readonly shift: readonly number[];
  /** Above 0. */
  readonly scale: readonly number[];
}

export interface Affine extends Distribution {
  readonly kind: "affine";
  /** The distribution of u. */
  readonly base: Distribution;
  readonly map: AffineMap;
  kl(other: Affine, noise?: Tensor): Tensor;
}

/**
 * The distribution of a = shift + scale · u for u `[..., D]` from `base`. Densities are those of a: with the
 * log-Jacobian −Σ log scale. The KL divergence equals that of the base distributions.
 */
export function affine(base: Distribution, map: AffineMap): Affine {
  const shift = t.constant(Float32Array.from(map.shift), [map.shift.length]);
  const scale = t.constant(Float32Array.from(map.scale), [map.scale.length]);
  const logJacobian = map.scale.reduce((sum, factor) => sum + Math.log(factor), 0);
  const apply = (u: Tensor) => t.add(t.mul(u, scale), shift);
  return {
    kind: "affine",
    base,
    map,
    noise: base.noise,
    sample: (noise) => apply(base.sample(noise)),
    sampleWithLogProb(noise) {
      const { action, logProb } = sampleWithLogProb(base, noise);
      return { action: apply(action), logProb: t.sub(logProb, logJacobian) };
    },
    logProb: (action) => t.sub(base.logProb(t.div(t.sub(action, shift), scale)), logJacobian),
    entropy: (noise) => t.add(base.entropy(noise), logJacobian),
    kl(other, noise) {
      checkSame("kind", "affine", other.kind);
      checkSame("shift", map.shift.join(), other.map.shift.join());
      checkSame("scale", map.scale.join(), other.map.scale.join());
      return base.kl(other.base, noise);
    },
    mode: () => apply(base.mode()),
  };
}
