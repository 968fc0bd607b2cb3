/** @file Q-learning: off-policy control, towards the value of the best next action (Watkins 1989; Watkins & Dayan 1992). */

import type { Algorithm } from "../../src/rollout/contracts.js";
import {
  type ActionValues,
  type TemporalDifferenceOptions,
  type TemporalDifferenceState,
  temporalDifference,
} from "./temporal-difference.js";

/** max Q(s′, ·). */
function best({ q, actions }: ActionValues, next: number): number {
  let largest = -Infinity;
  for (let pair = next * actions; pair < (next + 1) * actions; pair++) largest = Math.max(largest, q[pair]);
  return largest;
}

/** Q-learning for discrete observations and actions. Its policy is greedy. */
export const qLearning = (options: TemporalDifferenceOptions = {}): Algorithm<TemporalDifferenceState> =>
  temporalDifference("qLearning", options, best);
