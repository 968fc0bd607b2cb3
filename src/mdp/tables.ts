/** @file Policies of tabular models as tables of action probabilities, `[states × actions]`. */

import type { TabularModel } from "../env/contracts.js";
import { UsageError } from "../errors.js";

type Size = Pick<TabularModel, "states" | "actions">;

/** The index of the largest of `count` numbers from `offset` on, relative to `offset`; the first at ties. */
export function argmaxRow(values: ArrayLike<number>, offset: number, count: number): number {
  let best = 0;
  for (let a = 1; a < count; a++) if (values[offset + a] > values[offset + best]) best = a;
  return best;
}

/**
 * Replaces `count` numbers from `offset` on by their softmax, without overflow.
 *
 * @returns log Σ exp(xᵢ) of the numbers before.
 */
export function softmaxInPlace(x: Float64Array, offset = 0, count: number = x.length): number {
  let largest = -Infinity;
  for (let i = offset; i < offset + count; i++) if (x[i] > largest) largest = x[i];
  let sum = 0;
  for (let i = offset; i < offset + count; i++) {
    x[i] = Math.exp(x[i] - largest);
    sum += x[i];
  }
  for (let i = offset; i < offset + count; i++) x[i] /= sum;
  return largest + Math.log(sum);
}

/** The policy that takes `choices[s]` in state s. */
export function deterministicTable({ states, actions }: Size, choices: ArrayLike<number>): Float64Array {
  const table = new Float64Array(states * actions);
  for (let s = 0; s < states; s++) {
    if (!(choices[s] >= 0 && choices[s] < actions)) {
      throw new UsageError(`state ${s}: action ${choices[s]} is not in 0 … ${actions - 1}`);
    }
    table[s * actions + choices[s]] = 1;
  }
  return table;
}

/** The policy that takes the best action of `q [states × actions]` (or of another table); the first at ties. */
export function greedyTable({ states, actions }: Size, q: ArrayLike<number>): Float64Array {
  const table = new Float64Array(states * actions);
  for (let s = 0; s < states; s++) table[s * actions + argmaxRow(q, s * actions, actions)] = 1;
  return table;
}

/** The uniform policy. */
export function uniformTable({ states, actions }: Size): Float64Array {
  return new Float64Array(states * actions).fill(1 / actions);
}

/**
 * `table` as float64 rows, normalised to sum 1.
 *
 * @throws UsageError when a row is not a distribution over the actions (within 1e-6).
 */
export function policyTable({ states, actions }: Size, table: ArrayLike<number>): Float64Array {
  if (table.length !== states * actions) {
    throw new UsageError(
      `a policy table of ${table.length} numbers for ${states} states × ${actions} actions = ${states * actions}`,
    );
  }
  const normalised = Float64Array.from(table);
  for (let s = 0; s < states; s++) {
    const row = normalised.subarray(s * actions, (s + 1) * actions);
    const sum = row.reduce((total, p) => total + p, 0);
    if (row.some((p) => !(p >= 0)) || !(Math.abs(sum - 1) <= 1e-6)) {
      throw new UsageError(`state ${s}: its action probabilities [${row.join(", ")}] are not a distribution`);
    }
    for (let a = 0; a < actions; a++) row[a] /= sum;
  }
  return normalised;
}
