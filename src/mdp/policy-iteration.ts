/**
 * @file Policy iteration: evaluates and improves a policy until it no longer improves [Howard 1960; Puterman 1994,
 * §6.4].
 */

import type { TabularModel } from "../env/contracts.js";
import { actionValues } from "./bellman.js";
import { expectedRewards, largestValue, maxNorm } from "./model.js";
import { evaluatePolicy } from "./policy-evaluation.js";
import { argmaxRow, deterministicTable } from "./tables.js";
import { longestRow, type Solution } from "./value-iteration.js";

/** While policies change, their values are computed to this fraction of the last round's largest improvement. */
const PRECISION = 0.01;

/** The largest number of rounds, for a discount near 1. */
const MOST_ROUNDS = 100_000;

/** Every round contracts the error of the values by γ at least; some more rounds allow for approximate evaluation. */
const roundsUntilSettled = (discount: number): number =>
  discount === 0 ? 100 : Math.min(MOST_ROUNDS, 100 + Math.ceil(Math.log(1e-16) / Math.log(discount)));

/**
 * Optimal values, action values and policy, with the accuracy of the evaluation of the last policy.
 *
 * An action is replaced only by one that is better by more than the rounding and evaluation errors. Every round is
 * therefore a strict improvement, and the iteration ends when no action improves on values of full float64 precision.
 * `iterations` counts rounds, `residual` is the largest remaining improvement.
 *
 * @throws UsageError for an invalid model, a discount outside [0, 1), or rewards whose values overflow.
 * @throws Error when the values of a policy cannot be computed to full float64 precision.
 */
export function policyIteration(model: TabularModel): Solution {
  const { states, actions } = model;
  const choices = new Int32Array(states);
  let values: Float64Array | undefined;
  /** The tolerance of the evaluation; undefined: full precision. */
  const rewards = expectedRewards(model);
  let tolerance: number | undefined = maxNorm(rewards) || undefined;
  largestValue(model, rewards);
  const mostRounds = roundsUntilSettled(model.discount);
  for (let iterations = 1; iterations <= mostRounds; iterations++) {
    const policy = deterministicTable(model, choices);
    values = evaluatePolicy(model, policy, { guess: values, tolerance });
    const q = actionValues(model, values);
    // The evaluation is accurate to about 1e-10 of the largest value; smaller differences are not improvements.
    const noise = (1e-9 + Number.EPSILON * longestRow(model)) * maxNorm(values) + (tolerance ?? 0);
    let improved = false;
    let residual = 0;
    for (let s = 0; s < states; s++) {
      const best = argmaxRow(q, s * actions, actions);
      const gain = q[s * actions + best] - q[s * actions + choices[s]];
      residual = Math.max(residual, gain);
      if (gain <= noise) continue;
      choices[s] = best;
      improved = true;
    }
    if (!improved && tolerance === undefined) return { values, q, policy, iterations, residual };
    tolerance = improved ? PRECISION * residual : undefined;
  }
  throw new Error(
    `policy iteration did not settle within ${mostRounds} rounds: float64 does not resolve the values`,
  );
}
