/** @file Policy iteration: evaluate, improve, until nothing improves (Howard 1960; Puterman 1994, §6.4). */

import type { TabularModel } from "../env/contracts.js";
import { actionValues } from "./bellman.js";
import { expectedRewards } from "./model.js";
import { evaluatePolicy } from "./policy-evaluation.js";
import { argmaxRow, deterministicTable } from "./tables.js";
import { longestRow, maxNorm, type Solution } from "./value-iteration.js";

/** While policies still change, their values are computed to this share of the last round's largest improvement. */
const PRECISION = 0.01;

/**
 * Optimal values, action values and policy, exactly: as exact as the evaluation of the last policy.
 *
 * An action is only given up for one that is better by more than rounding and the evaluation's error explain, so that
 * every round is a strict improvement and the iteration ends: where nothing improves on values as exact as float64
 * allows. `iterations` counts rounds, `residual` is the largest improvement left.
 *
 * @throws Error when the values of a policy cannot be computed as exactly as float64 allows.
 */
export function policyIteration(model: TabularModel): Solution {
  const { states, actions } = model;
  const choices = new Int32Array(states);
  let values: Float64Array | undefined;
  /** Of the evaluation; undefined where it is as exact as can be. */
  let tolerance: number | undefined = maxNorm(expectedRewards(model)) || undefined;
  for (let iterations = 1; ; iterations++) {
    const policy = deterministicTable(model, choices);
    values = evaluatePolicy(model, policy, { guess: values, tolerance });
    const q = actionValues(model, values);
    // At its best the evaluation is exact to about 1e-10 of the largest value: what is smaller is no improvement.
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
}
