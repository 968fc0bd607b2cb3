/** @file Occupancy measures: how often a policy is in each state of a tabular model. */

import type { TabularModel } from "../rollout/contracts.js";
import { inducedProcess } from "./bellman.js";
import { eliminate } from "./eliminate.js";
import { fixedPoint } from "./fixed-point.js";
import { DIRECT_STATES, systemMatrix } from "./policy-evaluation.js";
import { policyTable } from "./tables.js";

/**
 * Normalised discounted state occupancy d(s) = (1 − γ) Σₜ γᵗ P(sₜ = s), `[states]`; it sums to 1. An episode that has
 * ended stays in its terminal state, which is where the rest of the weight is.
 */
export function occupancy(model: TabularModel, table: ArrayLike<number>): Float64Array {
  const { discount, states, initial } = model;
  const process = inducedProcess(model, table);
  const start = initial.map((p) => (1 - discount) * p);
  if (states <= DIRECT_STATES) {
    eliminate(systemMatrix(process, true), start);
    return start;
  }
  const flow = (d: Float64Array, into: Float64Array) => {
    into.set(start);
    push(process, d, discount, into);
  };
  const { point } = fixedPoint(flow, start, {
    contraction: discount,
    target: 1e-12 * (1 - discount),
    norm: sumNorm,
    rounding: 4 * Number.EPSILON,
  });
  const total = sumNorm(point);
  return point.map((d) => Math.max(d, 0) / total);
}

/**
 * d(s, a) = d(s) π(a | s), `[states × actions]`, from a policy and its state occupancy. No action is taken once the
 * episode has ended, so the weight of a terminal state goes to its first action whatever the table says there.
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

/** into(s′) += discount · Σ d(s) p(s′ | s) for a process with one action. */
export function push(
  { states, rowStart, next, probability }: TabularModel,
  d: Float64Array,
  discount: number,
  into: Float64Array,
): void {
  for (let s = 0; s < states; s++) {
    const weight = discount * d[s];
    if (weight === 0) continue;
    for (let e = rowStart[s]; e < rowStart[s + 1]; e++) into[next[e]] += weight * probability[e];
  }
}

/** Σ |x|. */
function sumNorm(x: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += Math.abs(x[i]);
  return sum;
}
