/** @file One-step look-ahead: action values, advantages, and the Markov reward process of a policy. */

import { requireModel } from "../env/check-model.js";
import type { TabularModel } from "../env/contracts.js";
import { expectedRewards } from "./model.js";
import { policyTable } from "./tables.js";

type Outcomes = Pick<TabularModel, "rowStart" | "next" | "probability" | "discount">;

/** r(s, a) + γ Σ p(s′ | s, a) V(s′) for one state–action pair. */
export function backup(
  { rowStart, next, probability, discount }: Outcomes,
  rewards: Float64Array,
  values: Float64Array,
  pair: number,
): number {
  let expected = 0;
  for (let e = rowStart[pair]; e < rowStart[pair + 1]; e++) expected += probability[e] * values[next[e]];
  return rewards[pair] + discount * expected;
}

/**
 * Q(s, a) = r(s, a) + γ Σ p(s′ | s, a) V(s′) for `values [states]`, as `[states × actions]`.
 *
 * @param discount default: the discount of the model.
 */
export function actionValues(
  model: TabularModel,
  values: Float64Array,
  discount = model.discount,
): Float64Array {
  return lookAhead(model, expectedRewards(model), values, discount);
}

/** The same from the expected rewards of the pairs. */
export function lookAhead(
  { rowStart, next, probability, discount: usual }: Outcomes,
  rewards: Float64Array,
  values: Float64Array,
  discount = usual,
): Float64Array {
  const q = new Float64Array(rewards.length);
  for (let pair = 0; pair < q.length; pair++) {
    let expected = 0;
    const end = rowStart[pair + 1];
    for (let e = rowStart[pair]; e < end; e++) expected += probability[e] * values[next[e]];
    q[pair] = rewards[pair] + discount * expected;
  }
  return q;
}

/**
 * A(s, a) = Q(s, a) − V(s) for the values of a policy, `[states × actions]`; 0 in terminal states, where Q = V = 0
 * [Kakade & Langford 2002].
 */
export function advantage(model: TabularModel, values: Float64Array): Float64Array {
  return actionValues(model, values).map((q, pair) => q - values[Math.floor(pair / model.actions)]);
}

/** V(s) = Σ π(a | s) Q(s, a): the mean of `q` under the policy in each state, `[states]`. */
export function averageActions(
  { states, actions }: Pick<TabularModel, "states" | "actions">,
  table: ArrayLike<number>,
  q: ArrayLike<number>,
): Float64Array {
  const average = new Float64Array(states);
  for (let pair = 0; pair < q.length; pair++) average[Math.floor(pair / actions)] += table[pair] * q[pair];
  return average;
}

/**
 * The Markov reward process of a policy `[states × actions]`: the same states with a single "action", whose outcomes
 * are the outcomes of all actions, weighted by the policy. Its optimal values are the policy's values.
 *
 * @throws UsageError for an invalid model, or a table that is not a policy of it.
 */
export function inducedProcess(model: TabularModel, policy: ArrayLike<number>): TabularModel {
  const { states, actions } = model;
  requireModel(model);
  const table = policyTable(model, policy);
  const kept = model.next.length;
  const rowStart = new Int32Array(states + 1);
  const next = new Int32Array(kept);
  const probability = new Float64Array(kept);
  const reward = new Float64Array(kept);
  let length = 0;
  for (let s = 0; s < states; s++) {
    for (let pair = s * actions; pair < (s + 1) * actions; pair++) {
      if (table[pair] === 0) continue;
      for (let e = model.rowStart[pair]; e < model.rowStart[pair + 1]; e++) {
        next[length] = model.next[e];
        probability[length] = table[pair] * model.probability[e];
        reward[length++] = model.reward[e];
      }
    }
    rowStart[s + 1] = length;
  }
  return {
    ...model,
    actions: 1,
    rowStart,
    next: next.slice(0, length),
    probability: probability.slice(0, length),
    reward: reward.slice(0, length),
  };
}
