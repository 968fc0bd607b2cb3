/** @file Builds tabular Markov decision processes, and computes their expected rewards and reward range. */

import {
  MOST_OUTCOMES,
  requireDiscount,
  requireDistribution,
  requireModel,
  requireModelSize,
  SUM_TOLERANCE,
} from "../env/check-model.js";
import type { TabularModel } from "../env/contracts.js";
import { UsageError } from "../errors.js";
import type { Rng } from "../random/rng.js";

/** One outcome of a step: with `probability`, the next state `next` and `reward` (default 0). */
export interface Outcome {
  next: number;
  probability: number;
  reward?: number;
}

/** An outcome with its state–action pair. */
export interface Transition extends Outcome {
  state: number;
  action: number;
}

export interface TabularModelOptions {
  states: number;
  actions: number;
  /**
   * The outcomes of a pair, or all transitions of the process in any order. The probabilities of each pair sum to 1
   * within 1e-6, and are then normalised exactly. Outcomes of terminal states are ignored.
   */
  transitions: ((state: number, action: number) => Iterable<Outcome>) | Iterable<Transition>;
  /** The initial state of every episode, or a distribution `[states]`. */
  initial: number | ArrayLike<number>;
  /** The indices of the terminal states; each loops to itself with reward 0. Default: none. */
  terminal?: readonly number[];
  /** γ in [0, 1). */
  discount: number;
  /** The observation of each state, `[states, width]`. Default: the index of the state. */
  observations?: Float32Array;
  /** Features of each state, `[states][width]`: see {@link TabularModel.features}. */
  features?: TabularModel["features"];
  grid?: TabularModel["grid"];
}

/**
 * Builds a tabular model from its transitions.
 *
 * @throws UsageError that names the state and action whose outcomes are missing, out of range or do not sum to 1, or
 *   the invalid option.
 */
export function tabularModel(options: TabularModelOptions): TabularModel {
  const { states, actions, discount, features, grid } = options;
  requireModelSize("tabularModel", states, actions);
  requireDiscount(discount, "tabularModel");
  const observations = options.observations ?? Float32Array.from({ length: states }, (_, s) => s);
  if (observations.length === 0 || observations.length % states !== 0) {
    throw new UsageError(
      `observations have ${observations.length} entries, which is not a multiple of the ${states} states`,
    );
  }
  if (features && (features.length !== states || features.some((row) => row.length !== features[0].length))) {
    throw new UsageError(`features must be ${states} rows of equal length, one per state`);
  }

  const isState = (s: number) => Number.isInteger(s) && s >= 0 && s < states;
  const terminal = new Uint8Array(states);
  for (const s of options.terminal ?? []) {
    if (!isState(s)) throw new UsageError(`terminal state ${s} is not in 0 … ${states - 1}`);
    terminal[s] = 1;
  }

  const outcomesOf =
    typeof options.transitions === "function"
      ? options.transitions
      : groupByPair(options.transitions, states, actions);
  const rowStart = new Int32Array(states * actions + 1);
  const next: number[] = [];
  const probability: number[] = [];
  const reward: number[] = [];
  for (let s = 0; s < states; s++) {
    for (let a = 0; a < actions; a++) {
      const start = next.length;
      let sum = 0;
      for (const outcome of terminal[s] ? [{ next: s, probability: 1 }] : outcomesOf(s, a)) {
        const { next: to, probability: p, reward: r = 0 } = outcome;
        const where = `state ${s}, action ${a}`;
        if (!isState(to)) throw new UsageError(`${where}: next state ${to} is not in 0 … ${states - 1}`);
        if (!(p >= 0 && p <= 1 + SUM_TOLERANCE)) {
          throw new UsageError(`${where}: probability ${p} of state ${to} is not in [0, 1]`);
        }
        if (!Number.isFinite(r)) throw new UsageError(`${where}: reward ${r} of state ${to} is not finite`);
        if (p === 0) continue;
        sum += p;
        next.push(to);
        probability.push(p);
        reward.push(r);
      }
      if (Math.abs(sum - 1) > SUM_TOLERANCE) {
        throw new UsageError(
          `state ${s}, action ${a}: the probabilities of its outcomes sum to ${sum}, not 1`,
        );
      }
      for (let e = start; e < probability.length; e++) probability[e] /= sum;
      rowStart[s * actions + a + 1] = next.length;
      if (next.length > MOST_OUTCOMES) {
        throw new UsageError(
          `tabularModel: the first ${s + 1} of ${states} states have ${next.length} outcomes; at most ` +
            `${MOST_OUTCOMES} fit into a model`,
        );
      }
    }
  }
  return {
    states,
    actions,
    rowStart,
    next: Int32Array.from(next),
    probability: Float64Array.from(probability),
    reward: Float64Array.from(reward),
    initial: initialDistribution(options.initial, states),
    terminal,
    discount,
    observations,
    ...(features && { features }),
    ...(grid && { grid }),
  };
}

function groupByPair(
  transitions: Iterable<Transition>,
  states: number,
  actions: number,
): (state: number, action: number) => Iterable<Outcome> {
  const pairs: Outcome[][] = Array.from({ length: states * actions }, () => []);
  for (const transition of transitions) {
    const { state, action } = transition;
    if (!(action >= 0 && action < actions) || !pairs[state * actions + action]) {
      throw new UsageError(
        `a transition from state ${state} by action ${action}: the model has ${states} states and ${actions} actions`,
      );
    }
    pairs[state * actions + action].push(transition);
  }
  return (s, a) => pairs[s * actions + a];
}

function initialDistribution(initial: number | ArrayLike<number>, states: number): Float64Array {
  if (typeof initial === "number") {
    if (!Number.isInteger(initial) || initial < 0 || initial >= states) {
      throw new UsageError(`initial state ${initial} is not in 0 … ${states - 1}`);
    }
    const distribution = new Float64Array(states);
    distribution[initial] = 1;
    return distribution;
  }
  requireDistribution("tabularModel", initial, states);
  const distribution = Float64Array.from(initial);
  const sum = distribution.reduce((total, p) => total + p, 0);
  return distribution.map((p) => p / sum);
}

/**
 * Expected reward of each pair, r(s, a) = Σ p(s′ | s, a) r(s, a, s′), `[states × actions]`.
 *
 * @throws UsageError for a model with a wrong shape, next state, probability or reward
 */
export function expectedRewards(model: TabularModel): Float64Array {
  requireModel(model);
  const { rowStart, probability, reward } = model;
  const expected = new Float64Array(model.states * model.actions);
  for (let pair = 0; pair < expected.length; pair++) {
    let sum = 0;
    const end = rowStart[pair + 1];
    for (let e = rowStart[pair]; e < end; e++) sum += probability[e] * reward[e];
    expected[pair] = sum;
  }
  return expected;
}

/**
 * The largest absolute value that a policy can have, (max |r| + bonus) / (1 − γ).
 *
 * @param bonus an addition to every reward, such as the largest entropy
 * @throws UsageError for a discount outside [0, 1), or rewards so large that values overflow float64
 */
export function largestValue({ discount }: TabularModel, rewards: Float64Array, bonus = 0): number {
  requireDiscount(discount);
  const reward = maxNorm(rewards);
  const largest = (reward + bonus) / (1 - discount);
  // Differences of values and their extrapolations must be finite too.
  if (largest <= Number.MAX_VALUE / 64) return largest;
  throw new UsageError(
    `rewards of up to ${reward} under a discount of ${discount} give values beyond float64: scale the rewards down`,
  );
}

/** @throws UsageError when a value is infinite or NaN, because sums of rewards overflow */
export function requireFinite(values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    throw new UsageError(
      `a value is ${values[i]}: sums of rewards overflow float64, so scale the rewards down`,
    );
  }
}

/** The norm max |x|. */
export function maxNorm(x: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < x.length; i++) largest = Math.max(largest, Math.abs(x[i]));
  return largest;
}

/**
 * The smallest and the largest reward of a step. With terminal states, the reward 0 of their loops is included.
 */
export function rewardRange(model: TabularModel): { min: number; max: number } {
  let min = Infinity;
  let max = -Infinity;
  for (const reward of model.reward) {
    min = Math.min(min, reward);
    max = Math.max(max, reward);
  }
  return { min, max };
}

export interface RandomModelOptions {
  states: number;
  actions: number;
  /** The number of possible next states of each pair, drawn with replacement. */
  branching: number;
  discount: number;
  /** The number of terminal states, which are the last ones. Default 0. */
  terminals?: number;
}

/**
 * A random process in the style of the Garnet family [Archibald, McKinnon & Thomas 1995]: random next states with
 * probabilities from uniformly drawn break points, rewards uniform on [−1, 1] per transition, and a random initial
 * distribution over the non-terminal states.
 */
export function randomModel(rng: Rng, options: RandomModelOptions): TabularModel {
  const { states, actions, branching, discount, terminals = 0 } = options;
  if (terminals >= states)
    throw new UsageError(`${terminals} of ${states} states cannot be terminal: at least one must not be`);
  if (!Number.isInteger(branching) || branching < 1) {
    throw new UsageError(`branching must be at least 1, not ${branching}`);
  }
  requireModelSize("randomModel", states, actions);
  requireModelSize("randomModel, with branching", states * branching, actions);
  const simplex = (n: number) => {
    const weights = Array.from({ length: n }, () => -Math.log(1 - rng.uniform()));
    const sum = weights.reduce((total, w) => total + w, 0);
    return weights.map((w) => w / sum);
  };
  const starts = states - terminals;
  const initial = simplex(starts).concat(new Array<number>(terminals).fill(0));
  return tabularModel({
    states,
    actions,
    transitions: () =>
      simplex(branching).map((probability) => ({
        next: rng.integer(states),
        probability,
        reward: 2 * rng.uniform() - 1,
      })),
    initial,
    terminal: Array.from({ length: terminals }, (_, i) => starts + i),
    discount,
  });
}
