/**
 * @file The EPIC distance between two rewards [Gleave et al. 2021, definitions 4.1 and 4.4], computed exactly on a
 * tabular model. It is invariant to potential shaping, scale and offset, which do not change optimal policies.
 */

import type { TabularModel } from "../env/contracts.js";
import { UsageError } from "../errors.js";
import { expectedRewards } from "../mdp/index.js";
import { maxNorm } from "../mdp/model.js";

/** R(s, a, s′) = pair(s, a) + next(s′); absent parts are 0. Rewards of steps from terminal states are ignored. */
export interface TabularReward {
  /** `[states × actions]`. */
  pair?: Float64Array;
  /** `[states]`. */
  next?: Float64Array;
}

/**
 * The reward of the model: as a function of the next state if possible, else as the expectation r(s, a) over outcomes,
 * which gives every policy the same value.
 */
export function modelReward(model: TabularModel): TabularReward {
  const { states, actions, terminal, rowStart, next, reward } = model;
  const byState = new Float64Array(states).fill(Number.NaN);
  for (let pair = 0; pair < states * actions; pair++) {
    if (terminal[Math.floor(pair / actions)]) continue;
    for (let e = rowStart[pair]; e < rowStart[pair + 1]; e++) {
      const known = byState[next[e]];
      if (Number.isNaN(known)) byState[next[e]] = reward[e];
      else if (known !== reward[e]) return { pair: expectedRewards(model) };
    }
  }
  return { next: byState.map((x) => (Number.isNaN(x) ? 0 : x)) };
}

/**
 * The reward in its canonical form, C(R)(s, a, s′) = R(s, a, s′) + E[γR(s′, A, S′) − R(s, A, S′) − γR(S, A, S′)], on
 * the transitions of the model, `[entries]`; 0 on those of terminal states. A is uniform over the actions; S and S′ are
 * uniform over the states or, if there are terminal states, over the terminal states, which have reward 0. Potentials
 * that are 0 in terminal states, as policy invariance requires, then cancel exactly.
 *
 * With R = f(s, a) + g(s′) and m(s) = E[f(s, A) + g(S′)], this equals f − m(s) + g(s′) + γm(s′) plus a constant, so
 * that no sum over triples is needed. The constant is omitted, because the distance does not depend on it.
 *
 * @throws UsageError when an array has the wrong length.
 */
export function canonicalReward(
  model: TabularModel,
  { pair, next: byState }: TabularReward,
  discount = model.discount,
): Float64Array {
  const { states, actions, terminal, rowStart, next } = model;
  if (
    (pair && pair.length !== states * actions) ||
    (byState && byState.length !== states) ||
    (!pair && !byState)
  ) {
    throw new UsageError(
      `a reward on ${states} states × ${actions} actions has ${states * actions} numbers for the pairs, ${states} ` +
        `for the next states, or both, not ${pair?.length ?? "no"} and ${byState?.length ?? "no"}`,
    );
  }
  const own = (s: number, a: number) => (pair && !terminal[s] ? pair[s * actions + a] : 0);
  const ends = terminal.reduce((sum, flag) => sum + flag, 0);
  let after = 0;
  for (let s = 0; s < states; s++) {
    if (byState && (ends === 0 || terminal[s])) after += byState[s] / (ends || states);
  }
  const mean = new Float64Array(states);
  for (let s = 0; s < states; s++) {
    if (terminal[s]) continue;
    mean[s] = after;
    for (let a = 0; a < actions; a++) mean[s] += own(s, a) / actions;
  }
  // The rounding error of a reward that is pure shaping.
  const noise = 1e-13 * Math.max(maxNorm(pair ?? mean), maxNorm(byState ?? mean));
  const canonical = new Float64Array(next.length);
  for (let s = 0; s < states; s++) {
    if (terminal[s]) continue;
    for (let a = 0; a < actions; a++) {
      const excess = own(s, a) - mean[s];
      for (let e = rowStart[s * actions + a]; e < rowStart[s * actions + a + 1]; e++) {
        const value = excess + (byState?.[next[e]] ?? 0) + discount * mean[next[e]];
        canonical[e] = Math.abs(value) > noise ? value : 0;
      }
    }
  }
  return canonical;
}

/**
 * The EPIC distance, in [0, 1]: 0 for rewards that are equal up to potential shaping and a positive factor, 1 for
 * opposite rewards, √½ for uncorrelated rewards, or when exactly one reward is constant.
 *
 * The coverage distribution consists of the transitions of the model, uniformly over non-terminal states and actions,
 * so impossible transitions have no influence.
 */
export function epicDistance(
  model: TabularModel,
  a: TabularReward,
  b: TabularReward,
  discount = model.discount,
): number {
  return canonicalDistance(model, canonicalReward(model, a, discount), canonicalReward(model, b, discount));
}

/** The Pearson distance √((1 − ρ) / 2) of two canonical rewards `[entries]`. */
export function canonicalDistance(model: TabularModel, a: Float64Array, b: Float64Array): number {
  const { states, actions, terminal, rowStart, probability } = model;
  const [meanA, meanB] = [a, b].map((x) => weighted(model, (e) => x[e]));
  let [aa, bb, ab] = [0, 0, 0];
  for (let s = 0; s < states; s++) {
    if (terminal[s]) continue;
    for (let e = rowStart[s * actions]; e < rowStart[(s + 1) * actions]; e++) {
      const [x, y, p] = [a[e] - meanA, b[e] - meanB, probability[e]];
      aa += p * x * x;
      bb += p * y * y;
      ab += p * x * y;
    }
  }
  const total = probability.length;
  // A constant reward differs from 0 only by rounding.
  const isConstant = (square: number, x: Float64Array) => square <= total * (1e-14 * maxNorm(x)) ** 2;
  const [flatA, flatB] = [isConstant(aa, a), isConstant(bb, b)];
  if (flatA || flatB) return flatA && flatB ? 0 : Math.SQRT1_2;
  return Math.sqrt(Math.max(0, 1 - ab / Math.sqrt(aa * bb)) / 2);
}

/** The mean over the coverage distribution. */
function weighted(
  { states, actions, terminal, rowStart, probability }: TabularModel,
  of: (e: number) => number,
) {
  let [sum, weight] = [0, 0];
  for (let s = 0; s < states; s++) {
    if (terminal[s]) continue;
    for (let e = rowStart[s * actions]; e < rowStart[(s + 1) * actions]; e++) {
      sum += probability[e] * of(e);
      weight += probability[e];
    }
  }
  return sum / weight;
}
