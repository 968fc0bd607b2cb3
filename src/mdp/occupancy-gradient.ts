/** @file The gradient, with respect to a policy, of a function of its occupancy, by the adjoint of a linear system. */

import type { TabularModel } from "../env/contracts.js";
import { averageActions, backup } from "./bellman.js";
import { occupancy, stateActionOccupancy } from "./occupancy.js";
import { evaluatePolicy } from "./policy-evaluation.js";

/** A function of the state–action occupancy `[states × actions]`, with its value and gradient. */
export interface OccupancyFunction {
  value: number;
  /** ∂F / ∂d(s, a), `[states × actions]`. */
  slope: Float64Array;
}

export interface OccupancyGradient {
  value: number;
  /** d(s, a), `[states × actions]`. */
  occupancy: Float64Array;
  /**
   * ∂F / ∂θ(s, a) of the policy softmax(θ(s, ·)), `[states × actions]`; 0 in terminal states, where actions have no
   * effect.
   */
  gradient: Float64Array;
}

/**
 * F at the occupancy d = (1 − γ)ρ + γPᵀd of a policy, and its gradient in the logits.
 *
 * Differentiating the linear system and transposing it gives the policy's Bellman equation with the gradient g of F as
 * reward: ∂F / ∂π(a | s) = d(s) Q_g(s, a). This is the policy gradient theorem [Sutton et al. 2000, theorem 1].
 *
 * @throws UsageError when the table is not a policy of this model.
 */
export function occupancyGradient(
  model: TabularModel,
  table: ArrayLike<number>,
  evaluate: (occupancy: Float64Array) => OccupancyFunction,
): OccupancyGradient {
  const { actions, terminal } = model;
  const states = occupancy(model, table);
  const pairs = stateActionOccupancy(model, table, states);
  const { value, slope } = evaluate(pairs);
  // In terminal states the weight is on the first action, for every policy.
  const paid = slope.map((_, pair) => {
    const s = Math.floor(pair / actions);
    return slope[terminal[s] ? s * actions : pair];
  });
  const reward = Float64Array.from(model.reward);
  for (let pair = 0; pair < paid.length; pair++) {
    reward.fill(paid[pair], model.rowStart[pair], model.rowStart[pair + 1]);
  }
  const values = evaluatePolicy({ ...model, reward }, table);
  const q = paid.map((_, pair) => backup(model, paid, values, pair));
  const mean = averageActions(model, table, q);
  const gradient = q.map((x, pair) => {
    const s = Math.floor(pair / actions);
    return terminal[s] ? 0 : states[s] * table[pair] * (x - mean[s]);
  });
  return { value, occupancy: pairs, gradient };
}
