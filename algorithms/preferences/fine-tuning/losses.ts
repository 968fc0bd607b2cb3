/**
 * @file Losses of a policy on pairs of segments, elementwise over the pairs: direct preference optimisation
 * [Rafailov et al. 2023, eq. 7] [N §3.5] with its relatives, odds ratios [Hong et al. 2024], and supervised learning.
 */

import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";

/** The log-probabilities of a segment of each pair, `[P]`. */
export interface Side {
  /** Σ_t γ^t log π(a_t | s_t). */
  sum: Tensor;
  /** Its mean over the steps, without γ. */
  mean: Tensor;
  /** Σ_t γ^t log π₀(a_t | s_t) of the reference; no gradient goes there, because it is an input. */
  reference: Tensor;
}

/** The losses `[P]`. `target` is μ = P(the first is better): 1, or ½ where neither is. */
export type PairLoss = (first: Side, second: Side, target: Tensor) => Tensor;

export const dpoLosses = ["sigmoid", "ipo", "hinge", "unlikelihood"] as const;
export type DpoLoss = (typeof dpoLosses)[number];

export interface DpoOptions {
  loss: DpoLoss;
  /** β > 0. */
  beta: number;
  /** Probability that an answer is the opposite of what was meant. */
  labelSmoothing: number;
}

/** How far a policy prefers the first segment more than its reference does. */
export const margin = (first: Side, second: Side): Tensor =>
  t.sub(t.sub(first.sum, first.reference), t.sub(second.sum, second.reference));

/**
 * With Δ the margin and m = βΔ, for the answer "the first":
 *
 * - sigmoid: −log σ(m), whose gradient has the weight 1 − σ(m) [Rafailov et al. 2023, eq. 7]
 * - ipo: (Δ − 1 / (2β))², whose minimum is finite where all answers agree [Azar et al. 2024, eq. 17]
 * - hinge: max(0, 1 − m) [Zhao et al. 2023, eq. 10]
 * - unlikelihood: −m, without the weight: it has no minimum [Rafailov et al. 2023, appendix D.2]
 *
 * Other answers take its mean over the two orders of the segments, with weights μ and 1 − μ.
 */
export const dpoLoss =
  ({ loss, beta, labelSmoothing }: DpoOptions): PairLoss =>
  (first, second, given) => {
    const delta = margin(first, second);
    const m = t.mul(delta, beta);
    const target = t.add(t.mul(given, 1 - 2 * labelSmoothing), labelSmoothing);
    const mixed = (yes: Tensor, no: Tensor) => t.add(t.mul(target, yes), t.mul(t.sub(1, target), no));
    switch (loss) {
      case "sigmoid":
        return mixed(t.softplus(t.neg(m)), t.softplus(m));
      case "ipo":
        return t.square(t.sub(delta, t.div(t.sub(target, 0.5), beta)));
      case "hinge":
        return mixed(t.relu(t.sub(1, m)), t.relu(t.add(1, m)));
      case "unlikelihood":
        return mixed(t.neg(m), m);
    }
  };

/** −mean_t log π(a_t | s_t) of the first segment. */
export const sftLoss: PairLoss = ({ mean }) => t.neg(mean);

/** Largest mean log-probability of a step whose odds are formed: those of certainty are infinite. */
const MOST = -1e-4;

/** log p / (1 − p) of p = exp(mean_t log π). */
function logOdds({ mean }: Side): Tensor {
  const x = t.minimum(mean, MOST);
  return t.sub(x, t.log1p(t.neg(t.exp(x))));
}

/**
 * −mean_t log π(a⁺) − λ log σ(log odds⁺ − log odds⁻) [Hong et al. 2024, eq. 6–7], for discrete actions: a density can be
 * above 1, and has no odds.
 */
export const orpoLoss =
  (lambda: number): PairLoss =>
  (first, second, target) => {
    const ratio = t.softplus(t.sub(logOdds(second), logOdds(first)));
    return t.add(sftLoss(first, second, target), t.mul(ratio, lambda));
  };
