/** @file The gradient penalty of a discriminator [Gulrajani et al. 2017] [Kostrikov et al. 2019, §4.1]. */

import type * as nn from "../../../src/nn/index.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";
import type { Features, Spaces } from "../../shared/transition-features.js";
import type { DiscriminatorOptions } from "./options.js";
import type { Scorer } from "./scorers.js";

/**
 * The weight of the penalty. For one-hot observations the default is smaller: a gradient of norm 1 between two one-hot
 * rows bounds the score difference of any two states by √2, too little beside an absorbing state whose reward counts
 * γ / (1 − γ) times. Without a penalty, the discriminator memorises a small number of demonstrations
 * (docs/evidence/adversarial.md, "Gradient penalties").
 */
export const penaltyWeight = (
  spaces: Spaces,
  options: Pick<DiscriminatorOptions, "gradientPenalty">,
): number => options.gradientPenalty ?? (spaces.observationSpace.kind === "box" ? 1 : 0.1);

/** E(‖∇f‖ − 1)², a scalar, at points interpolated between the expert's and the learner's features. */
export function gradientPenalty(
  { reads, score }: Pick<Scorer, "reads" | "score">,
  parameters: nn.TensorTree,
  expert: Features,
  learner: Features,
  /** `[B]`, interpolation weights of the expert, in [0, 1]. */
  shares: Tensor,
  /** `[B]`, 1 for valid rows, 0 for padding, not all 0. Without a mask, all rows are valid. */
  mask?: Tensor,
): Tensor {
  const share = t.expandDims(shares, -1);
  const between = Object.fromEntries(
    (["state", "action", "next"] as const).map((name) => [
      name,
      reads.includes(name)
        ? t.add(learner[name], t.mul(t.sub(expert[name], learner[name]), share))
        : learner[name],
    ]),
  ) as unknown as Features;
  const slopes = t.grad(
    t.sum(score(parameters, between)),
    reads.map((name) => between[name]),
  );
  const squares = slopes.map((slope) => t.sum(t.square(slope), -1));
  const norm = t.sqrt(
    t.add(
      squares.reduce((a, b) => t.add(a, b)),
      1e-12,
    ),
  );
  const penalties = t.square(t.sub(norm, 1));
  return mask ? t.div(t.sum(t.mul(penalties, mask)), t.sum(mask)) : t.mean(penalties);
}
