/** @file SARSA: on-policy control, towards the value of the action that is taken next (Rummery & Niranjan 1994). */

import type { Algorithm } from "../../src/learning/contract.js";
import {
  type TemporalDifferenceOptions,
  type TemporalDifferenceState,
  temporalDifference,
} from "./shared/temporal-difference.js";

/** SARSA for discrete observations and actions. It learns the values of exploring; its policy is greedy. */
export const sarsa = (options: TemporalDifferenceOptions = {}): Algorithm<TemporalDifferenceState> =>
  temporalDifference("sarsa", options, ({ q, actions }, next, action) => q[next * actions + action]);
