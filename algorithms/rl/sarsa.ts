/** @file SARSA: on-policy control, towards the value of the action that is taken next [Rummery & Niranjan 1994]. */

import { defineAlgorithm } from "../../src/learning/define.js";
import { temporalDifference, temporalDifferenceSchema } from "./shared/temporal-difference.js";

/** SARSA for discrete observations and actions. It learns the values of exploring; its policy is greedy. */
export const sarsa = defineAlgorithm({
  name: "sarsa",
  summary: "on-policy control with a table of action values",
  schema: temporalDifferenceSchema,
  environment: "FrozenLake-v1",
  create: (options) =>
    temporalDifference("sarsa", options, ({ q, actions }, next, action) => q[next * actions + action]),
});
