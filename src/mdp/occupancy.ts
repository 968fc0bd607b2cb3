/** @file Occupancy measures: the discounted frequency of states and actions under a policy in a tabular model. */

import { requireDiscount } from "../env/check-model.js";
import type { TabularModel } from "../env/contracts.js";
import { backup, inducedProcess } from "./bellman.js";
import { eliminate } from "./eliminate.js";
import { fixedPoint } from "./fixed-point.js";
import { DIRECT_STATES, systemMatrix } from "./policy-evaluation.js";
import { policyTable } from "./tables.js";

/**
 * Normalised discounted state occupancy d(s) = (1 − γ) Σₜ γᵗ P(sₜ = s), `[states]`; it sums to 1. An ended episode
 * remains in its terminal state, which receives the remaining weight.
 *
 * Solves d = (1 − γ)ρ + γPᵀd, by elimination for few states, otherwise by sweeps as in `valueIteration`, with a total
 * error of 1e-12, or the best precision of float64.
 *
 * @throws UsageError when the table is not a policy of this model.
 */
export function occupancy(model: TabularModel, table: ArrayLike<number>): Float64Array {
  const { discount, states, initial } = model;
  const found = discountedFlow(
    model,
    table,
    initial.map((p) => (1 - discount) * p),
  );
  if (states <= DIRECT_STATES) return found;
  const total = sumNorm(found);
  return found.map((d) => Math.max(d, 0) / total);
}

export interface FlowOptions {
  /** The initial values of sweeps, `[states]`, for example the flow of a similar policy. */
  guess?: Float64Array;
  /** Largest error of the result of sweeps, relative to the total of |source| / (1 − γ). */
  tolerance?: number;
}

/**
 * The discounted flow through each state, `[states]`, of mass that enters the process at `source [states]`: the
 * solution of d = source + γPᵀd. The source may have negative entries.
 *
 * @throws UsageError when the table is not a policy of this model.
 */
export function discountedFlow(
  model: TabularModel,
  table: ArrayLike<number>,
  source: Float64Array,
  { guess = source, tolerance = 1e-12 }: FlowOptions = {},
): Float64Array {
  const { discount, states } = model;
  requireDiscount(discount);
  const process = inducedProcess(model, table);
  if (states <= DIRECT_STATES) {
    const solution = source.slice();
    eliminate(systemMatrix(process, true), solution);
    return solution;
  }
  const flow = incoming(process);
  const sweep = (d: Float64Array, into: Float64Array) => {
    into.set(d);
    for (let s = 0; s < states; s++) into[s] = flush(backup(flow, source, into, s));
    for (let s = states - 1; s >= 0; s--) into[s] = flush(backup(flow, source, into, s));
  };
  return fixedPoint(sweep, guess, {
    contraction: discount ** 2,
    target: Math.max(tolerance * sumNorm(source), Number.MIN_VALUE),
    norm: sumNorm,
    rounding: 4 * Number.EPSILON,
  }).point;
}

/** Sets negligible weights to 0: arithmetic on subnormal numbers is slow, and no sum is affected. */
const flush = (weight: number) => (Math.abs(weight) < 1e-100 ? 0 : weight);

/** The transposed process: for each state, its predecessors in place of its outcomes. */
function incoming({ states, rowStart, next, probability, discount }: TabularModel) {
  const start = new Int32Array(states + 1);
  for (const s of next) start[s + 1]++;
  for (let s = 0; s < states; s++) start[s + 1] += start[s];
  const free = start.slice();
  const from = new Int32Array(next.length);
  const weight = new Float64Array(next.length);
  for (let s = 0; s < states; s++) {
    for (let e = rowStart[s]; e < rowStart[s + 1]; e++) {
      const slot = free[next[e]]++;
      from[slot] = s;
      weight[slot] = probability[e];
    }
  }
  return { rowStart: start, next: from, probability: weight, discount };
}

/**
 * d(s, a) = d(s) π(a | s), `[states × actions]`, from a policy and its state occupancy. Actions in terminal
 * states have no effect, so the weight of a terminal state is assigned to its first action.
 */
export function stateActionOccupancy(
  model: TabularModel,
  table: ArrayLike<number>,
  states: Float64Array = occupancy(model, table),
): Float64Array {
  const { actions, terminal } = model;
  return Float64Array.from(policyTable(model, table), (p, pair) => {
    const s = Math.floor(pair / actions);
    return states[s] * (terminal[s] ? Number(pair % actions === 0) : p);
  });
}

/** The norm Σ |x|. */
function sumNorm(x: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += Math.abs(x[i]);
  return sum;
}
