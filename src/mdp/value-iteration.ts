/** @file Value iteration: the optimal values of a tabular model, to a guaranteed error [Puterman 1994, §6.3]. */

import type { TabularModel } from "../env/contracts.js";
import { UsageError } from "../errors.js";
import { actionValues, backup } from "./bellman.js";
import { fixedPoint } from "./fixed-point.js";
import { expectedRewards, largestValue, maxNorm } from "./model.js";
import { argmaxRow, greedyTable } from "./tables.js";

export interface ValueIterationOptions {
  /**
   * Largest error allowed in the policy's value, in units of reward; `values` have at most half of it. Default:
   * 1e-10 of the largest possible value, max |r| / (1 − γ).
   */
  tolerance?: number;
  /** Initial values, `[states]`, for example those of a similar policy. Default: zeros. */
  guess?: Float64Array;
}

export interface Solution {
  /** V, `[states]`: max over actions of `q`, exactly. */
  values: Float64Array;
  /** Q, `[states × actions]`. */
  q: Float64Array;
  /** The greedy policy as a table `[states × actions]` of zeros and ones; the first action at ties. */
  policy: Float64Array;
  /** The number of sweeps over all states and actions. */
  iterations: number;
  /** The largest change in the last sweep. */
  residual: number;
}

/** While the greedy policy changes, its evaluation stops after this number of sweeps or reduction of the residual. */
const UNSETTLED = { sweeps: 20, reduction: 0.1 };

/**
 * Optimal values, action values and policy of a model.
 *
 * The states are swept in place, forwards and then backwards (Gauss–Seidel). With in-place updates, V* remains the
 * fixed point and each sweep a γ-contraction (by induction over the states), so a pair of sweeps is a γ²-contraction.
 * Between two pairs, the greedy policy is evaluated by cheaper sweeps over its own actions: modified policy iteration
 * [Puterman & Shin 1978]. Once the policy no longer changes, this evaluation runs to the full accuracy.
 *
 * A final plain sweep certifies the result: it returns TV if |TV − V| is at most tolerance (1 − γ) / (2γ). Then
 * |TV − V*| ≤ tolerance / 2, and the value of the greedy policy is at most `tolerance` below the optimum in every state
 * [Puterman 1994, theorem 6.3.1].
 *
 * @throws UsageError for an invalid model, a discount outside [0, 1), rewards whose values overflow, or a tolerance
 *   that is not positive.
 * @throws Error when float64 cannot resolve the tolerance.
 */
export function valueIteration(model: TabularModel, options: ValueIterationOptions = {}): Solution {
  const { discount, states } = model;
  const rewards = expectedRewards(model);
  const largest = largestValue(model, rewards);
  const { tolerance = Math.max(1e-10 * largest, Number.MIN_VALUE) } = options;
  if (!(tolerance > 0)) throw new UsageError(`tolerance must be positive, not ${tolerance}`);
  const allowed = (tolerance * (1 - discount)) / 2;
  const rounding = Number.EPSILON * (longestRow(model) + 4);

  let { guess: start = new Float64Array(states) } = options;
  let iterations = 0;
  for (let target = allowed; ; target /= 4) {
    const swept = sweepToFixedPoint(model, rewards, start, target, rounding);
    const q = actionValues(model, swept.point);
    const values = maxOverActions(model, q);
    const residual = maxNorm(values.map((v, s) => v - swept.point[s]));
    const noise = rounding * maxNorm(values);
    iterations += 2 * swept.iterations + 1;
    if (discount * residual + noise <= allowed) {
      return { values, q, policy: greedyTable(model, q), iterations, residual };
    }
    if (target < noise) {
      throw new Error(
        `no value error of ${tolerance} can be guaranteed: with γ = ${discount} and values up to ` +
          `${maxNorm(values)}, float64 resolves about ${(4 * noise) / (1 - discount)}; ask for a larger tolerance`,
      );
    }
    start = values;
  }
}

/** Iterates until two sweeps change no value by more than `target`. */
function sweepToFixedPoint(
  model: TabularModel,
  rewards: Float64Array,
  start: Float64Array,
  target: number,
  rounding: number,
) {
  const { states, discount } = model;
  const common = { contraction: discount ** 2, norm: maxNorm, rounding };
  const greedy = new Int32Array(states).fill(-1);
  let settled = false;

  const improve = (x: Float64Array, into: Float64Array) => {
    into.set(x);
    settled = true;
    for (let s = 0; s < states; s++)
      into[s] = backup(model, rewards, into, bestPair(model, rewards, into, s));
    for (let s = states - 1; s >= 0; s--) {
      const pair = bestPair(model, rewards, into, s);
      if (greedy[s] !== pair) settled = false;
      greedy[s] = pair;
      into[s] = backup(model, rewards, into, pair);
    }
  };
  const follow = (x: Float64Array, into: Float64Array) => {
    into.set(x);
    for (let s = 0; s < states; s++) into[s] = backup(model, rewards, into, greedy[s]);
    for (let s = states - 1; s >= 0; s--) into[s] = backup(model, rewards, into, greedy[s]);
  };
  return fixedPoint(improve, start, {
    ...common,
    target,
    propose: ({ image, size }) =>
      fixedPoint(follow, image, {
        ...common,
        target: settled ? target : UNSETTLED.reduction * size,
        maxIterations: settled ? Infinity : UNSETTLED.sweeps,
      }).point,
  });
}

/** The pair with the largest r + γ Σ p V among those of state s; the first at ties. */
function bestPair(model: TabularModel, rewards: Float64Array, values: Float64Array, s: number): number {
  const first = s * model.actions;
  let [best, bestValue] = [first, -Infinity];
  for (let pair = first; pair < first + model.actions; pair++) {
    const value = backup(model, rewards, values, pair);
    if (value > bestValue) {
      best = pair;
      bestValue = value;
    }
  }
  return best;
}

/** V(s) = max over actions of q(s, a), `[states]`. */
export function maxOverActions(
  { states, actions }: Pick<TabularModel, "states" | "actions">,
  q: Float64Array,
): Float64Array {
  return Float64Array.from({ length: states }, (_, s) => q[s * actions + argmaxRow(q, s * actions, actions)]);
}

/** The largest number of outcomes of a pair, to which the rounding error of a backup is proportional. */
export function longestRow({ rowStart }: TabularModel): number {
  let longest = 0;
  for (let pair = 1; pair < rowStart.length; pair++) {
    longest = Math.max(longest, rowStart[pair] - rowStart[pair - 1]);
  }
  return longest;
}
