/** @file A penalty on the slope of a discriminator [Gulrajani et al. 2017] [Kostrikov et al. 2019, §4.1]. */

import type * as nn from "../../../src/nn/index.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";
import type { Features, Spaces } from "../shared/transition-features.js";
import type { DiscriminatorOptions } from "./options.js";
import type { Scorer } from "./scorers.js";

/**
 * The weight of the penalty. Between two one-hot rows there are no transitions, and a slope of 1 there bounds the
 * difference of any two states by √2: less than a table needs beside an absorbing state whose reward counts γ / (1 − γ)
 * times. Without any penalty, few demonstrations are memorised (docs/evidence/adversarial.md, "Gradient penalties").
 */
export const penaltyWeight = (
  spaces: Spaces,
  options: Pick<DiscriminatorOptions, "gradientPenalty">,
): number => options.gradientPenalty ?? (spaces.observationSpace.kind === "box" ? 1 : 0.1);

/** E(‖∇f‖ − 1)² at features between the expert's and the learner's. */
export function gradientPenalty(
  { reads, score }: Pick<Scorer, "reads" | "score">,
  parameters: nn.TensorTree,
  expert: Features,
  learner: Features,
  /** `[B]`, the expert's share, in [0, 1]. */
  shares: Tensor,
  /** `[B]`, 0 or 1 and not all 0: the rows that count; all of them without it. */
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
