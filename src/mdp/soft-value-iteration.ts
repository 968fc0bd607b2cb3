/**
 * @file Soft value iteration: optimal values with an entropy bonus [N §1.3, eq. 12–13] [Ziebart 2010]
 * [Haarnoja et al. 2017, §3.1].
 */

import type { TabularModel } from "../env/contracts.js";
import { UsageError } from "../errors.js";
import { actionValues, backup } from "./bellman.js";
import { fixedPoint } from "./fixed-point.js";
import { expectedRewards, largestValue, maxNorm } from "./model.js";
import { longestRow } from "./value-iteration.js";

export interface SoftValueIterationOptions {
  /** The temperature λ > 0, in units of reward per nat of entropy. */
  temperature?: number;
  /** Largest error allowed in the soft value of the policy, in units of reward, as in `valueIteration`. */
  tolerance?: number;
  /** Initial values, `[states]`, for example those of similar rewards. Default: zeros. */
  guess?: Float64Array;
}

export interface SoftSolution {
  /** V = λ log Σ exp(Q / λ), `[states]`; 0 in terminal states. */
  values: Float64Array;
  /** Q = r + γ P V, `[states × actions]`. */
  q: Float64Array;
  /** π = exp((Q − V) / λ), `[states × actions]`; uniform in terminal states. */
  policy: Float64Array;
  /** The number of sweeps over the states. */
  iterations: number;
  /** The largest change in the last sweep. */
  residual: number;
}

/**
 * The values and the policy that maximise E Σ γᵗ (r(sₜ, aₜ) + λ H(π(· | sₜ))).
 *
 * Like the Bellman operator, the soft Bellman operator is a γ-contraction in the maximum norm. If a final plain sweep
 * changes no value by more than tolerance (1 − γ) / (2γ), then the values are within tolerance / 2 of the optimum, and
 * the values of the policy within tolerance. Sweeps run in place, forwards and backwards, and are extrapolated.
 *
 * @throws UsageError for an invalid model, a discount outside [0, 1), rewards whose values overflow, or a temperature
 *   or a tolerance that is not positive.
 * @throws Error when float64 cannot resolve the tolerance.
 */
export function softValueIteration(
  model: TabularModel,
  options: SoftValueIterationOptions = {},
): SoftSolution {
  const { states, actions, discount } = model;
  const { temperature = 1 } = options;
  if (!(temperature > 0)) throw new UsageError(`temperature must be positive, not ${temperature}`);
  const rewards = expectedRewards(model);
  const largest = largestValue(model, rewards, temperature * Math.log(actions));
  const { tolerance = Math.max(1e-10 * largest, Number.MIN_VALUE) } = options;
  if (!(tolerance > 0)) throw new UsageError(`tolerance must be positive, not ${tolerance}`);
  const target = (tolerance * (1 - discount)) / 2;
  const rounding = Number.EPSILON * (longestRow(model) + actions + 8);

  const row = new Float64Array(actions);
  const improve = (values: Float64Array, s: number) => {
    if (model.terminal[s]) return 0;
    for (let a = 0; a < actions; a++) row[a] = backup(model, rewards, values, s * actions + a);
    return softMaximum(row, 0, actions, temperature);
  };
  const sweep = (x: Float64Array, into: Float64Array) => {
    into.set(x);
    for (let s = 0; s < states; s++) into[s] = improve(into, s);
    for (let s = states - 1; s >= 0; s--) into[s] = improve(into, s);
  };
  const { guess = new Float64Array(states) } = options;
  const found = fixedPoint(sweep, guess, { contraction: discount ** 2, target, norm: maxNorm, rounding });

  const q = actionValues(model, found.point);
  const values = Float64Array.from({ length: states }, (_, s) =>
    model.terminal[s] ? 0 : softMaximum(q, s * actions, actions, temperature),
  );
  const residual = maxNorm(values.map((v, s) => v - found.point[s]));
  if (discount * residual > target + rounding * maxNorm(values)) {
    throw new Error(
      `no value error of ${tolerance} can be guaranteed: with γ = ${discount} and values up to ` +
        `${maxNorm(values)}, float64 does not resolve it; ask for a larger tolerance`,
    );
  }
  return {
    values,
    q,
    policy: softPolicy(model, q, temperature),
    iterations: 2 * found.iterations + 1,
    residual,
  };
}

/** λ log Σ exp(xᵢ / λ) of `count` numbers from `offset` on, without overflow. */
export function softMaximum(x: Float64Array, offset: number, count: number, temperature: number): number {
  let largest = -Infinity;
  for (let i = offset; i < offset + count; i++) largest = Math.max(largest, x[i]);
  let sum = 0;
  for (let i = offset; i < offset + count; i++) sum += Math.exp((x[i] - largest) / temperature);
  return largest + temperature * Math.log(sum);
}

/** π(a | s) ∝ exp(Q(s, a) / λ), `[states × actions]`; uniform in terminal states. */
export function softPolicy(
  { states, actions, terminal }: Pick<TabularModel, "states" | "actions" | "terminal">,
  q: Float64Array,
  temperature: number,
): Float64Array {
  const policy = new Float64Array(states * actions);
  for (let s = 0; s < states; s++) {
    const value = softMaximum(q, s * actions, actions, temperature);
    for (let pair = s * actions; pair < (s + 1) * actions; pair++) {
      policy[pair] = terminal[s] ? 1 / actions : Math.exp((q[pair] - value) / temperature);
    }
  }
  return policy;
}
