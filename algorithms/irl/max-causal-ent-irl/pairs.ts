/** @file Visits of state–action pairs of a tabular model, which the likelihood of actions depends on. */

import type { TabularModel } from "../../../src/env/contracts.js";
import type { DemonstratedVisits } from "../shared/demonstrated-visits.js";

/** Visits of each pair, `[states × actions]`, from visits of each transition, `[entries]`. */
export function pairVisits({ states, actions, rowStart }: TabularModel, visits: Float64Array): Float64Array {
  const taken = new Float64Array(states * actions);
  for (let pair = 0; pair < taken.length; pair++) {
    for (let e = rowStart[pair]; e < rowStart[pair + 1]; e++) taken[pair] += visits[e];
  }
  return taken;
}

/** Visits of each pair `[states × actions]` times the probability of each outcome, `[entries]`. */
export function spreadPairs({ rowStart, probability }: TabularModel, pairs: Float64Array): Float64Array {
  const visits = new Float64Array(probability.length);
  for (let pair = 0; pair < pairs.length; pair++) {
    for (let e = rowStart[pair]; e < rowStart[pair + 1]; e++) visits[e] = pairs[pair] * probability[e];
  }
  return visits;
}

/** ∂ Σ n(s, a) log π(a | s) / ∂Q where log π = Q − log Σ exp Q: n(s, a) − n(s) π(a | s), `[states × actions]`. */
export function actionScore(
  { states, actions }: TabularModel,
  taken: Float64Array,
  policy: Float64Array,
): Float64Array {
  const score = new Float64Array(taken.length);
  for (let s = 0; s < states; s++) {
    let visits = 0;
    for (let pair = s * actions; pair < (s + 1) * actions; pair++) visits += taken[pair];
    if (visits === 0) continue;
    for (let pair = s * actions; pair < (s + 1) * actions; pair++) {
      score[pair] = taken[pair] - visits * policy[pair];
    }
  }
  return score;
}

/** The pairs of the demonstrated steps at each time, with the steps' weights. */
export function stepsByTime(
  { rowStart, actions, terminal }: TabularModel,
  { steps }: DemonstratedVisits,
  horizon: number,
) {
  const byTime: { pair: number; weight: number }[][] = Array.from({ length: horizon }, () => []);
  const pairOf = new Int32Array(rowStart[rowStart.length - 1]);
  for (let pair = 0; pair + 1 < rowStart.length; pair++)
    pairOf.fill(pair, rowStart[pair], rowStart[pair + 1]);
  for (const [i, t] of steps.time.entries()) {
    const pair = pairOf[steps.transition[i]];
    // There is no action after the end of an episode.
    if (!terminal[Math.floor(pair / actions)]) byTime[t].push({ pair, weight: steps.weight[i] });
  }
  return byTime;
}
