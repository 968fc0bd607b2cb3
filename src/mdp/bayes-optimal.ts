/**
 * @file Bayes-optimal values: the largest expected return over tasks that are drawn from a known prior and then hidden.
 * They bound what an agent can reach that adapts to its task. Backward induction over beliefs [Duff 2002].
 */

import { requireModel } from "../env/check-model.js";
import type { TabularModel } from "../env/contracts.js";
import { UsageError } from "../errors.js";
import { requireHorizon } from "./finite-horizon.js";

export interface BayesOptimalOptions {
  /** Steps of an episode. */
  horizon: number;
  /** Episodes of a trial; each begins in the initial state, and the task stays the same. Default 1. */
  episodes?: number;
}

/** Largest number of pairs of a state and a belief for which values are computed. */
const LARGEST_TABLE = 1 << 22;

/** The possible outcomes of each pair of a state and an action: entries `starts[pair]` to `starts[pair + 1]`. */
interface Outcomes {
  starts: Int32Array;
  /** Bit k of an entry: whether task k has this outcome. */
  tasks: Int32Array;
  next: Int32Array;
  rewards: Float64Array;
}

/**
 * The Bayes-optimal return of a trial, undiscounted, for a task that is uniform on finitely many deterministic models.
 * The agent observes states and rewards. A belief is the set of tasks that agree with all of them, so time and memory
 * grow with states × 2^models.
 *
 * @param models the tasks: models with the same states, actions and initial state, and with one outcome of each action.
 * @throws {UsageError} for models that are different from that, or too many of them.
 */
export function bayesOptimalReturn(
  models: readonly TabularModel[],
  { horizon, episodes = 1 }: BayesOptimalOptions,
): number {
  requireHorizon(horizon);
  if (models.length === 0) throw new UsageError("Bayes-optimal returns need at least one task");
  const [{ states, actions }] = models;
  const beliefs = 2 ** models.length;
  if (states * beliefs > LARGEST_TABLE) {
    throw new UsageError(
      `${models.length} models with ${states} states have ${states * beliefs} pairs of a state and a belief; ` +
        `at most ${LARGEST_TABLE} are possible`,
    );
  }
  for (const [k, model] of models.entries()) requireTask(model, models[0], `task ${k}`);
  const start = models[0].initial.indexOf(1);
  const { starts, tasks, next, rewards } = outcomesOf(models);
  const counts = bitCounts(beliefs);
  const steps = horizon * episodes;
  const situations: Int32Array[] = [Int32Array.of(start * beliefs + beliefs - 1)];
  /** For each situation the last time at which it was found. */
  const found = new Int32Array(states * beliefs);
  const now = new Int32Array(states * beliefs);
  for (let t = 1; t < steps; t++) {
    let count = 0;
    const resets = t % horizon === 0;
    for (const situation of situations[t - 1]) {
      const belief = situation & (beliefs - 1);
      const pair = actions * (situation >> models.length);
      for (let e = starts[pair]; e < starts[pair + actions]; e++) {
        const left = belief & tasks[e];
        const then = (resets ? start : next[e]) * beliefs + left;
        if (left === 0 || found[then] === t) continue;
        found[then] = t;
        now[count++] = then;
      }
    }
    situations.push(now.slice(0, count));
  }
  // Expected future return, times the number of tasks in the belief, which saves divisions.
  let values = new Float64Array(states * beliefs);
  let later = new Float64Array(states * beliefs);
  for (let t = steps - 1; t >= 0; t--) {
    [values, later] = [later, values];
    const resets = (t + 1) % horizon === 0;
    for (const situation of situations[t]) {
      const belief = situation & (beliefs - 1);
      const pair = actions * (situation >> models.length);
      let best = -Infinity;
      for (let action = pair; action < pair + actions; action++) {
        let value = 0;
        for (let e = starts[action]; e < starts[action + 1]; e++) {
          const left = belief & tasks[e];
          if (left === 0) continue;
          value += rewards[e] * counts[left] + later[(resets ? start : next[e]) * beliefs + left];
        }
        if (value > best) best = value;
      }
      values[situation] = best;
    }
  }
  return values[start * beliefs + beliefs - 1] / models.length;
}

/** @throws UsageError unless `model` is deterministic and begins like `first`. */
function requireTask(model: TabularModel, first: TabularModel, what: string): void {
  requireModel(model, what);
  const { states, actions, initial, next } = model;
  if (states !== first.states || actions !== first.actions) {
    throw new UsageError(
      `${what} has ${states} states and ${actions} actions, and task 0 has ${first.states} and ${first.actions}; ` +
        "all tasks must have the same",
    );
  }
  const start = initial.indexOf(1);
  if (start < 0 || start !== first.initial.indexOf(1)) {
    throw new UsageError(`${what} must begin in one certain state, the same in all tasks`);
  }
  if (next.length !== states * actions) {
    throw new UsageError(
      `${what} has ${next.length} transitions for ${states * actions} pairs of a state and an action; ` +
        "Bayes-optimal returns are for deterministic models, with one transition for each pair",
    );
  }
}

function outcomesOf(models: readonly TabularModel[]): Outcomes {
  const starts = new Int32Array(models[0].next.length + 1);
  const all: { tasks: number; next: number; reward: number }[] = [];
  for (let pair = 0; pair + 1 < starts.length; pair++) {
    for (const [k, model] of models.entries()) {
      const [next, reward] = [model.next[pair], model.reward[pair]];
      const known = all.findIndex((o, e) => e >= starts[pair] && o.next === next && o.reward === reward);
      if (known >= 0) all[known].tasks |= 1 << k;
      else all.push({ tasks: 1 << k, next, reward });
    }
    starts[pair + 1] = all.length;
  }
  return {
    starts,
    tasks: Int32Array.from(all, ({ tasks }) => tasks),
    next: Int32Array.from(all, ({ next }) => next),
    rewards: Float64Array.from(all, ({ reward }) => reward),
  };
}

/** The number of ones of 0, …, `size` − 1 in binary. */
function bitCounts(size: number): Uint8Array {
  const counts = new Uint8Array(size);
  for (let k = 1; k < size; k++) counts[k] = counts[k >> 1] + (k & 1);
  return counts;
}

/**
 * The Bayes-optimal sum of rewards of a Bernoulli bandit whose arms' probabilities are uniform on [0, 1]
 * [Berry & Fristedt 1985]: backward induction over the wins and losses of each arm. Time and memory grow with
 * pulls^(2 arms − 1) / arms!, so many arms are for few pulls.
 *
 * @throws {UsageError} unless both are positive integers.
 */
export function bernoulliBanditReturn(arms: number, pulls: number): number {
  for (const [name, value] of Object.entries({ arms, pulls })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new UsageError(`${name} must be a positive integer, not ${value}`);
    }
  }
  const base = pulls + 1;
  const known = new Map<string, number>();
  /** `records`: (pulls + 1) × wins + losses of the arms that were pulled, in ascending order. */
  function value(records: readonly number[], left: number): number {
    if (left === 0) return 0;
    const key = records.join();
    const found = known.get(key);
    if (found !== undefined) return found;
    let best = -Infinity;
    const choices = records.length < arms ? [...records, 0] : records;
    for (const [arm, record] of choices.entries()) {
      if (record === choices[arm - 1]) continue; // The same as the arm before.
      const [wins, losses] = [Math.floor(record / base), record % base];
      const others = choices.filter((_, k) => k !== arm);
      const then = (next: number) =>
        value(
          [...others, next].sort((a, b) => a - b),
          left - 1,
        );
      const chance = (wins + 1) / (wins + losses + 2);
      best = Math.max(best, chance * (1 + then(record + base)) + (1 - chance) * then(record + 1));
    }
    known.set(key, best);
    return best;
  }
  return value([], pulls);
}
