/** @file Value iteration: the optimal values of a tabular model, to a guaranteed error [Puterman 1994, §6.3]. */

import type { TabularModel } from "../env/contracts.js";
import { UsageError } from "../errors.js";
import { lookAhead } from "./bellman.js";
import { fixedPoint, Workspace } from "./fixed-point.js";
import { expectedRewards, largestValue, maxNorm } from "./model.js";
import { argmaxRow, greedyTable } from "./tables.js";

export interface ValueIterationOptions {
  /**
   * Largest error allowed in the policy's value, in units of reward; `values` have at most half of it. Default:
   * 1e-10 of the largest possible value, max |r| / (1 − γ).
   */
  tolerance?: number;
  /** Initial values, `[states]`, for example those of a similar policy. Default: as if every reward were the smallest. */
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

/**
 * While the greedy policy changes, its evaluation stops at this reduction of the residual, or after so many pairs of
 * sweeps. The first are not extrapolated, which costs as much as several sweeps.
 */
const UNSETTLED = { reduction: 0.1, plain: 5, accelerated: 20 };

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
  const { discount } = model;
  const rewards = expectedRewards(model);
  const largest = largestValue(model, rewards);
  const { tolerance = Math.max(1e-10 * largest, Number.MIN_VALUE) } = options;
  if (!(tolerance > 0)) throw new UsageError(`tolerance must be positive, not ${tolerance}`);
  const allowed = (tolerance * (1 - discount)) / 2;
  const rounding = Number.EPSILON * (longestRow(model) + 4);

  let { guess: start = smallestValues(model, rewards) } = options;
  let iterations = 0;
  for (let target = allowed; ; target /= 4) {
    const swept = sweepToFixedPoint(model, rewards, start, target, rounding);
    const q = lookAhead(model, rewards, swept.point);
    const values = maxOverActions(model, q);
    let residual = 0;
    for (let s = 0; s < values.length; s++)
      residual = Math.max(residual, Math.abs(values[s] - swept.point[s]));
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
  const { improve: improvePass, follow: followPass } = passes(model, rewards, greedy);
  const workspace = new Workspace(states);
  let settled = false;

  const improve = (x: Float64Array, into: Float64Array) => {
    into.set(x);
    improvePass(into, 0, 1);
    settled = improvePass(into, states - 1, -1) === 0;
  };
  const followPair = (values: Float64Array) =>
    Math.max(followPass(values, 0, 1), followPass(values, states - 1, -1));
  const follow = (x: Float64Array, into: Float64Array) => {
    into.set(x);
    followPair(into);
  };
  const rough = new Float64Array(states);
  const followRoughly = (x: Float64Array, size: number) => {
    const enough = UNSETTLED.reduction * size;
    rough.set(x);
    for (let pairs = 0; pairs < UNSETTLED.plain; pairs++) if (followPair(rough) <= enough) return rough;
    return fixedPoint(follow, rough, {
      ...common,
      target: enough,
      maxIterations: UNSETTLED.accelerated,
      workspace,
    }).point;
  };
  return fixedPoint(improve, start, {
    ...common,
    target,
    propose: ({ image, size }) =>
      settled
        ? fixedPoint(follow, image, { ...common, target, workspace }).point
        : followRoughly(image, size),
  });
}

/**
 * Passes over the states in place, from state `from` in steps of `by` = ±1. The loops read local variables and inline the
 * backup, because they take nearly all the time.
 *
 * @param greedy the best pair of each state, the first at ties
 */
function passes(model: TabularModel, rewards: Float64Array, greedy: Int32Array) {
  const { states, actions, rowStart, next, probability, discount } = model;
  return {
    /** V(s) ← max over actions; writes `greedy`, and returns the number of states whose entry changed. */
    improve(values: Float64Array, from: number, by: 1 | -1): number {
      const [starts, to, p, r, best] = [rowStart, next, probability, rewards, greedy];
      let changed = 0;
      for (let s = from, left = states; left > 0; left--, s += by) {
        const first = s * actions;
        let chosen = first;
        let most = -Infinity;
        let e = starts[first];
        for (let pair = first; pair < first + actions; pair++) {
          const end = starts[pair + 1];
          let expected = 0;
          for (; e < end; e++) expected += p[e] * values[to[e]];
          const value = r[pair] + discount * expected;
          if (value > most) {
            chosen = pair;
            most = value;
          }
        }
        if (best[s] !== chosen) changed++;
        best[s] = chosen;
        values[s] = most;
      }
      return changed;
    },

    /** V(s) ← the value of the pair in `greedy`; returns the largest change. */
    follow(values: Float64Array, from: number, by: 1 | -1): number {
      const [starts, to, p, r, best] = [rowStart, next, probability, rewards, greedy];
      let largest = 0;
      for (let s = from, left = states; left > 0; left--, s += by) {
        const pair = best[s];
        const end = starts[pair + 1];
        let expected = 0;
        for (let e = starts[pair]; e < end; e++) expected += p[e] * values[to[e]];
        const value = r[pair] + discount * expected;
        const change = Math.abs(value - values[s]);
        if (change > largest) largest = change;
        values[s] = value;
      }
      return largest;
    },
  };
}

/**
 * The smallest reward for ever, min r / (1 − γ); 0 in terminal states. Values rise from there, so that what is good
 * spreads from where it is. From values above the optimum, a detour must become bad first, in every state.
 */
function smallestValues({ discount, terminal }: TabularModel, rewards: Float64Array): Float64Array {
  let smallest = Infinity;
  for (const reward of rewards) smallest = Math.min(smallest, reward);
  const values = new Float64Array(terminal.length).fill(smallest / (1 - discount));
  for (let s = 0; s < values.length; s++) if (terminal[s]) values[s] = 0;
  return values;
}

/** V(s) = max over actions of q(s, a), `[states]`. */
export function maxOverActions(
  { states, actions }: Pick<TabularModel, "states" | "actions">,
  q: Float64Array,
): Float64Array {
  const values = new Float64Array(states);
  for (let s = 0; s < states; s++) values[s] = q[s * actions + argmaxRow(q, s * actions, actions)];
  return values;
}

/** The largest number of outcomes of a pair, to which the rounding error of a backup is proportional. */
export function longestRow({ rowStart }: TabularModel): number {
  let longest = 0;
  for (let pair = 1; pair < rowStart.length; pair++) {
    longest = Math.max(longest, rowStart[pair] - rowStart[pair - 1]);
  }
  return longest;
}
