/**
 * @file SARSA: on-policy temporal-difference control; the target uses the next action taken [Rummery & Niranjan 1994].
 */

import { defineAlgorithm } from "../../src/learning/define.js";
import { temporalDifference, temporalDifferenceSchema } from "./shared/temporal-difference.js";

/** SARSA for discrete observations and actions. It learns the values of the ε-greedy policy; its policy is greedy. */
export const sarsa = defineAlgorithm({
  name: "sarsa",
  summary: "on-policy temporal-difference control with a table of action values",
  schema: temporalDifferenceSchema,
  environment: "FrozenLake-v1",
  create: (options) =>
    temporalDifference("sarsa", options, ({ q, actions }, next, action) => q[next * actions + action]),
});
