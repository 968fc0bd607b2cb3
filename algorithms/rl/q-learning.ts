/** @file Q-learning: off-policy temporal-difference control [Watkins 1989] [Watkins & Dayan 1992]. */

import { defineAlgorithm } from "../../src/learning/define.js";
import { argmaxRow } from "../../src/mdp/tables.js";
import {
  type ActionValues,
  temporalDifference,
  temporalDifferenceSchema,
} from "./shared/temporal-difference.js";

/** max Q(s′, ·). */
const best = ({ q, actions }: ActionValues, next: number): number =>
  q[next * actions + argmaxRow(q, next * actions, actions)];

/** Q-learning for discrete observations and actions. Its policy is greedy. */
export const qLearning = defineAlgorithm({
  name: "qLearning",
  summary: "off-policy temporal-difference control with a table of action values",
  schema: temporalDifferenceSchema,
  environment: "FrozenLake-v1",
  create: (options) => temporalDifference("qLearning", options, best),
});
