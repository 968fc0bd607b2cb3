/** @file Unrolls a tabular model over time: with the time in the state, time-dependent policies become stationary. */

import type { TabularModel } from "../env/contracts.js";

/**
 * The model whose states are pairs of a time and a state: state s at time t has index t · states + s. Time starts at 0
 * and stays at `times − 1` once it is reached, where the model continues without a clock.
 */
export function unrolled(model: TabularModel, times: number): TabularModel {
  const { states, actions, terminal, next, rowStart } = model;
  const [pairs, entries] = [states * actions, next.length];
  const starts = new Int32Array(times * pairs + 1);
  const then = new Int32Array(times * entries);
  for (let t = 0; t < times; t++) {
    const later = Math.min(t + 1, times - 1);
    for (let pair = 0; pair < pairs; pair++) {
      // Time stops in terminal states, so that they lead to themselves.
      const at = states * (terminal[Math.floor(pair / actions)] ? t : later);
      for (let e = rowStart[pair]; e < rowStart[pair + 1]; e++) then[t * entries + e] = at + next[e];
      starts[t * pairs + pair + 1] = t * entries + rowStart[pair + 1];
    }
  }
  const initial = new Float64Array(times * states);
  initial.set(model.initial);
  return {
    states: times * states,
    actions,
    rowStart: starts,
    next: then,
    probability: repeated(model.probability, times),
    reward: repeated(model.reward, times),
    initial,
    terminal: repeated(terminal, times),
    discount: model.discount,
    observations: repeated(model.observations, times),
  };
}

/** Sums quantities per (time, state) over time, `[states]`. */
export function summedOverTime(perState: Float64Array, states: number): Float64Array {
  const sums = new Float64Array(states);
  for (const [i, x] of perState.entries()) sums[i % states] += x;
  return sums;
}

function repeated<A extends Float64Array | Float32Array | Uint8Array>(array: A, times: number): A {
  const out = new (array.constructor as new (length: number) => A)(array.length * times);
  for (let t = 0; t < times; t++) out.set(array, t * array.length);
  return out;
}
