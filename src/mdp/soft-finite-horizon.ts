/**
 * @file Entropy-regularised control with a finite horizon: soft values by backward induction
 * [Ziebart 2010, algorithm 9.1] [Ziebart, Bagnell & Dey 2010], and the transition counts of a time-indexed policy.
 */

import type { TabularModel } from "../env/contracts.js";
import { type HorizonOptions, requireHorizon } from "./finite-horizon.js";
import { expectedRewards, requireFinite } from "./model.js";
import { softmaxInPlace } from "./tables.js";

export interface SoftHorizonSolution {
  /** `[T + 1, states]`: row t is the soft value from time t on, in units of time t; row T is 0. */
  values: Float64Array;
  /** π(a | s, t), `[T, states × actions]`; uniform in terminal states. */
  policy: Float64Array;
}

/**
 * The values and the time-indexed policy that maximise E Σ γᵗ (r(sₜ, aₜ) + H(π(· | sₜ, t))) over t = 0, …, T − 1:
 * Vₜ = log Σ exp Qₜ, Qₜ = r + γ P Vₜ₊₁ and πₜ = exp(Qₜ − Vₜ). Terminal states have the value 0, as if they had a
 * single action.
 *
 * @throws UsageError unless the horizon is a positive integer.
 */
export function softFiniteHorizon(
  model: TabularModel,
  { horizon, discount = 1 }: HorizonOptions,
): SoftHorizonSolution {
  requireHorizon(horizon);
  const { states, actions, terminal, rowStart, next, probability } = model;
  const pairs = states * actions;
  const rewards = expectedRewards(model);
  const values = new Float64Array((horizon + 1) * states);
  const policy = new Float64Array(horizon * pairs);
  for (let t = horizon - 1; t >= 0; t--) {
    const after = values.subarray((t + 1) * states, (t + 2) * states);
    const now = values.subarray(t * states, (t + 1) * states);
    const table = policy.subarray(t * pairs, (t + 1) * pairs);
    for (let s = 0; s < states; s++) {
      const first = s * actions;
      if (terminal[s]) {
        table.fill(1 / actions, first, first + actions);
        continue;
      }
      for (let pair = first; pair < first + actions; pair++) {
        const end = rowStart[pair + 1];
        let expected = 0;
        for (let e = rowStart[pair]; e < end; e++) expected += probability[e] * after[next[e]];
        table[pair] = rewards[pair] + discount * expected;
      }
      now[s] = softmaxInPlace(table, first, actions);
    }
  }
  requireFinite(values);
  return { values, policy };
}

/** Mass that enters a process in `state` at time `time`; may be negative. */
export interface Entry {
  time: number;
  state: number;
  mass: number;
}

/**
 * Expected discounted counts of transitions under a policy, Σ γᵗ P(sₜ, aₜ, sₜ₊₁) over t = 0, …, T − 1, `[model
 * entries]`, for the mass that `entries` define. With mass 1 at time 0, they sum to Σ γᵗ, including the loops of
 * terminal states.
 *
 * @param policy `[T, states × actions]`.
 */
export function horizonFlow(
  model: TabularModel,
  policy: Float64Array,
  entries: readonly Entry[],
  { horizon, discount = 1 }: HorizonOptions,
): Float64Array {
  const { states, actions, rowStart, next, probability } = model;
  const pairs = states * actions;
  const visits = new Float64Array(next.length);
  const entering = byTime(entries);
  let now = new Float64Array(states);
  let then = new Float64Array(states);
  for (let t = 0, weight = 1; t < horizon; t++, weight *= discount) {
    for (const { state, mass } of entering.get(t) ?? []) now[state] += mass;
    then.fill(0);
    for (let s = 0; s < states; s++) {
      if (now[s] === 0) continue;
      for (let pair = s * actions; pair < (s + 1) * actions; pair++) {
        const taken = now[s] * policy[t * pairs + pair];
        const end = rowStart[pair + 1];
        for (let e = rowStart[pair]; e < end; e++) {
          const moved = taken * probability[e];
          visits[e] += weight * moved;
          then[next[e]] += moved;
        }
      }
    }
    [now, then] = [then, now];
  }
  return visits;
}

export function byTime(entries: readonly Entry[]): Map<number, Entry[]> {
  const found = new Map<number, Entry[]>();
  for (const entry of entries) {
    const others = found.get(entry.time);
    if (others) others.push(entry);
    else found.set(entry.time, [entry]);
  }
  return found;
}
