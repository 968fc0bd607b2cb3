/**
 * @file The exact comparison of a learner with an expert on a tabular model: the performance difference lemma
 * [Kakade & Langford 2002] [N §1.3, eq. 14] and the cloning bound [N §3.1, proposition 3.1].
 */

import type { TabularModel } from "../env/contracts.js";
import {
  advantage,
  averageActions,
  evaluatePolicy,
  occupancy,
  policyReturn,
  policyTable,
  rewardRange,
  stateActionOccupancy,
} from "../mdp/index.js";
import { argmaxRow } from "../mdp/tables.js";
import { jensenShannon, kullbackLeibler, totalVariation } from "./divergences.js";

/** One direction of the lemma. */
export interface PerformanceDifference {
  /** The gap according to the lemma. */
  value: number;
  /** |value − gap|, which should only be rounding error. */
  residual: number;
  /** The contribution of each state to the gap, `[states]`. */
  perState: Float64Array;
}

/** The results of an exact comparison. Units of expected discounted return J unless noted otherwise. */
export interface ExactDiagnostics {
  expertValue: number;
  learnerValue: number;
  /** J(expert) − J(learner). */
  gap: number;
  /** 1 / (1 − γ) · E over the expert's states and actions of the learner's advantage. */
  forward: PerformanceDifference;
  /**
   * −1 / (1 − γ) · E over the learner's states and actions of the expert's advantage. Its `perState` shows the states
   * in which the learner loses value; with an optimal expert, no entry is negative.
   */
  reverse: PerformanceDifference;
  /**
   * E over the expert's states of the total variation between the policies: for deterministic policies the probability
   * that they differ.
   */
  epsilon: number;
  /** Probability, over the expert's states, that the two modes differ [N §3.1, eq. 51]. */
  disagreement: number;
  /** The same probability over the learner's states. */
  disagreementOnLearner: number;
  /** (r_max − r_min) ε / (1 − γ)²: 2ε / (1 − γ)² for rewards in [−1, 1]. The gap is never above it. */
  bound: number;
  /** gap / bound, in [0, 1] for a learner that is not better than the expert; 0 if the bound is 0. */
  tightness: number;
  /** Distances between the discounted state–action occupancies; KL in nats, possibly Infinity. */
  occupancy: { totalVariation: number; kl: number; reverseKl: number; jensenShannon: number };
  /** Normalised discounted state occupancies, `[states]`. */
  states: { expert: Float64Array; learner: Float64Array };
}

/**
 * The exact comparison of two policies, given as tables `[states × actions]`.
 *
 * The bound also holds for stochastic policies: the gap is 1 / (1 − γ) · E_{s ∼ d^E} Σ_a (π_E − π_L)(a | s) Q^L(s, a),
 * and Σ (p − q) f ≤ TV(p, q) · (max f − min f), where Q^L spans at most (r_max − r_min) / (1 − γ). In terminal
 * states actions have no effect; they count as agreement.
 *
 * @throws UsageError when a table is not a policy of the model
 */
export function exactDiagnostics(
  model: TabularModel,
  expertTable: ArrayLike<number>,
  learnerTable: ArrayLike<number>,
): ExactDiagnostics {
  const { actions, discount, terminal } = model;
  const side = (policy: ArrayLike<number>) => {
    const table = policyTable(model, policy);
    const values = evaluatePolicy(model, table);
    const states = occupancy(model, table);
    return { table, value: policyReturn(model, values), advantages: advantage(model, values), states };
  };
  const [expert, learner] = [side(expertTable), side(learnerTable)];
  const gap = expert.value - learner.value;

  const lemma = (visitor: typeof expert, other: typeof expert, sign: 1 | -1): PerformanceDifference => {
    const mean = averageActions(model, visitor.table, other.advantages);
    const perState = mean.map((a, s) => (sign * visitor.states[s] * a) / (1 - discount));
    const value = perState.reduce((sum, x) => sum + x, 0);
    return { value, residual: Math.abs(value - gap), perState };
  };

  /** The mean over `states` of a distance between the two policies. */
  const expected = (states: Float64Array, distance: (row: number) => number) =>
    states.reduce((sum, d, s) => sum + (terminal[s] || d === 0 ? 0 : d * distance(s * actions)), 0);
  const row = (table: Float64Array, start: number) => table.subarray(start, start + actions);
  const modesDiffer = (start: number) =>
    Number(argmaxRow(expert.table, start, actions) !== argmaxRow(learner.table, start, actions));

  const epsilon = expected(expert.states, (at) =>
    totalVariation(row(expert.table, at), row(learner.table, at)),
  );
  const { min, max } = rewardRange(model);
  const bound = ((max - min) * epsilon) / (1 - discount) ** 2;
  const [p, q] = [expert, learner].map(({ table, states }) => stateActionOccupancy(model, table, states));
  return {
    expertValue: expert.value,
    learnerValue: learner.value,
    gap,
    forward: lemma(expert, learner, 1),
    reverse: lemma(learner, expert, -1),
    epsilon,
    disagreement: expected(expert.states, modesDiffer),
    disagreementOnLearner: expected(learner.states, modesDiffer),
    bound,
    tightness: bound > 0 ? gap / bound : 0,
    occupancy: {
      totalVariation: totalVariation(p, q),
      kl: kullbackLeibler(p, q),
      reverseKl: kullbackLeibler(q, p),
      jensenShannon: jensenShannon(p, q),
    },
    states: { expert: expert.states, learner: learner.states },
  };
}
