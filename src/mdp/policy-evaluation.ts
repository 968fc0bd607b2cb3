/** @file The values of a policy on a tabular model: V = r + γPV, solved directly or iterated to a guaranteed error. */

import type { TabularModel } from "../env/contracts.js";
import { UsageError } from "../errors.js";
import { inducedProcess } from "./bellman.js";
import { eliminate } from "./eliminate.js";
import { expectedRewards, largestValue } from "./model.js";
import { valueIteration } from "./value-iteration.js";

/** The largest number of states for which elimination (n³ / 3 operations) is the default. */
export const DIRECT_STATES = 400;

export interface EvaluationOptions {
  /** `solve`: elimination; `iterate`: sweeps. Default: chosen by the number of states. */
  method?: "solve" | "iterate";
  /** Largest error allowed in the values by "iterate", as in `valueIteration`. */
  tolerance?: number;
  /** Initial values of "iterate", `[states]`. Default: zeros. */
  guess?: Float64Array;
}

/**
 * V^π of the policy `table [states × actions]`, `[states]`.
 *
 * @throws UsageError for an invalid model, a discount outside [0, 1), rewards whose values overflow, a table that is not
 *   a policy of this model, or an unknown method.
 * @throws Error when float64 cannot resolve the tolerance.
 */
export function evaluatePolicy(
  model: TabularModel,
  table: ArrayLike<number>,
  { method = model.states <= DIRECT_STATES ? "solve" : "iterate", ...rest }: EvaluationOptions = {},
): Float64Array {
  const process = inducedProcess(model, table);
  // The induced process has one action, so its optimal values are the values of the policy.
  if (method === "iterate") return valueIteration(process, rest).values;
  if (method !== "solve") throw new UsageError(`method must be "solve" or "iterate", not "${method}"`);
  const values = expectedRewards(process);
  largestValue(process, values);
  eliminate(systemMatrix(process), values);
  return values;
}

/** I − γP of a process with one action, `[states × states]` by rows, or its transpose. */
export function systemMatrix(process: TabularModel, transposed = false): Float64Array {
  const { states, rowStart, next, probability, discount } = process;
  const matrix = new Float64Array(states * states);
  for (let s = 0; s < states; s++) {
    matrix[s * states + s] += 1;
    for (let e = rowStart[s]; e < rowStart[s + 1]; e++) {
      matrix[transposed ? next[e] * states + s : s * states + next[e]] -= discount * probability[e];
    }
  }
  return matrix;
}

/** J = Σ ρ(s) V(s): the expected return of an episode from the model's initial distribution. */
export function policyReturn(model: TabularModel, values: ArrayLike<number>): number {
  return model.initial.reduce((sum, p, s) => sum + p * values[s], 0);
}
