/** @file Tabular models with a finite horizon, where values and policies depend on the time. */

import type { TabularModel } from "../env/contracts.js";
import { UsageError } from "../errors.js";
import { actionValues, averageActions, inducedProcess } from "./bellman.js";
import { requireFinite } from "./model.js";
import { greedyTable, policyTable } from "./tables.js";
import { maxOverActions } from "./value-iteration.js";

export interface HorizonOptions {
  /** T: actions are taken at t = 0, …, T − 1. */
  horizon: number;
  /** Default 1, because the sum of rewards over a finite horizon is finite. */
  discount?: number;
}

export interface FiniteHorizonSolution {
  /** `[T + 1, states]`: row t is the expected sum of rewards from time t on, in units of time t; row T is 0. */
  values: Float64Array;
  /** `[T, states × actions]`. */
  q: Float64Array;
  /** The greedy policy of each time, `[T, states × actions]`; the first action at ties. */
  policy: Float64Array;
}

/** Optimal time-indexed values and policy by backward induction [Puterman 1994, §4.5]. */
export function finiteHorizonValueIteration(
  model: TabularModel,
  { horizon, discount = 1 }: HorizonOptions,
): FiniteHorizonSolution {
  requireHorizon(horizon);
  const { states, actions } = model;
  const pairs = states * actions;
  const values = new Float64Array((horizon + 1) * states);
  const q = new Float64Array(horizon * pairs);
  const policy = new Float64Array(horizon * pairs);
  for (let t = horizon - 1; t >= 0; t--) {
    const qt = actionValues(model, row(values, t + 1, states), discount);
    values.set(maxOverActions(model, qt), t * states);
    q.set(qt, t * pairs);
    policy.set(greedyTable(model, qt), t * pairs);
  }
  requireFinite(values);
  return { values, q, policy };
}

/**
 * Values of a policy at each time, `[T + 1, states]`.
 *
 * @param table one policy `[states × actions]` for all times, or one per time, `[T, states × actions]`.
 */
export function finiteHorizonEvaluate(
  model: TabularModel,
  table: Float64Array,
  { horizon, discount = 1 }: HorizonOptions,
): Float64Array {
  const tableAt = timeIndexed(model, table, horizon);
  const { states } = model;
  const values = new Float64Array((horizon + 1) * states);
  for (let t = horizon - 1; t >= 0; t--) {
    const q = actionValues(model, row(values, t + 1, states), discount);
    values.set(averageActions(model, tableAt(t), q), t * states);
  }
  requireFinite(values);
  return values;
}

/**
 * P(sₜ = s) of a policy for t = 0, …, T − 1, `[T, states]`; every row sums to 1.
 *
 * @param table as in `finiteHorizonEvaluate`.
 */
export function finiteHorizonOccupancy(
  model: TabularModel,
  table: Float64Array,
  { horizon }: Pick<HorizonOptions, "horizon">,
): Float64Array {
  const tableAt = timeIndexed(model, table, horizon);
  const { states } = model;
  const marginals = new Float64Array(horizon * states);
  marginals.set(model.initial);
  for (let t = 0; t + 1 < horizon; t++) {
    const { rowStart, next, probability } = inducedProcess(model, tableAt(t));
    const [now, then] = [row(marginals, t, states), row(marginals, t + 1, states)];
    for (let s = 0; s < states; s++) {
      for (let e = rowStart[s]; e < rowStart[s + 1]; e++) then[next[e]] += now[s] * probability[e];
    }
  }
  return marginals;
}

const row = (matrix: Float64Array, index: number, width: number) =>
  matrix.subarray(index * width, (index + 1) * width);

function timeIndexed(model: TabularModel, table: Float64Array, horizon: number): (t: number) => Float64Array {
  requireHorizon(horizon);
  const pairs = model.states * model.actions;
  if (table.length === horizon * pairs && horizon > 1) {
    return (t) => policyTable(model, row(table, t, pairs));
  }
  const normalised = policyTable(model, table);
  return () => normalised;
}

/** @throws UsageError unless the horizon is a positive integer. */
export function requireHorizon(horizon: number): void {
  if (!Number.isInteger(horizon) || horizon < 1) {
    throw new UsageError(`horizon must be a positive integer, not ${horizon}`);
  }
}
