/** @file Q-learning: off-policy control, towards the value of the best next action (Watkins 1989; Watkins & Dayan 1992). */

import type { Algorithm } from "../../src/learning/contract.js";
import { argmaxRow } from "../../src/mdp/tables.js";
import {
  type ActionValues,
  type TemporalDifferenceOptions,
  type TemporalDifferenceState,
  temporalDifference,
} from "./shared/temporal-difference.js";

/** max Q(s′, ·). */
const best = ({ q, actions }: ActionValues, next: number): number =>
  q[next * actions + argmaxRow(q, next * actions, actions)];

/** Q-learning for discrete observations and actions. Its policy is greedy. */
export const qLearning = (options: TemporalDifferenceOptions = {}): Algorithm<TemporalDifferenceState> =>
  temporalDifference("qLearning", options, best);
