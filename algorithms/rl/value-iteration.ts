/** @file Value iteration on an environment's exact model [Bellman 1957]. */

import * as z from "zod";
import { positive } from "../../src/config/options.js";
import type { PolicyOptimiser } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { valueIteration as solve } from "../../src/mdp/index.js";
import { type ExactState, exactSolver } from "./shared/exact-solver.js";

const valueIterationSchema = z.strictObject({
  tolerance: positive()
    .optional()
    .describe(
      "largest error of the policy's value, in units of reward; unset: 1e-10 of the largest possible value",
    ),
});

export type ValueIterationOptions = z.input<typeof valueIterationSchema>;

/** The optimal policy of an environment with an exact model, under the model's discount. */
export const valueIteration = defineAlgorithm({
  name: "valueIteration",
  summary: "dynamic programming on an exact model: sweeps of Bellman backups over all states",
  schema: valueIterationSchema,
  environment: "FrozenLake-v1",
  withLearntRewards: {},
  create(options): PolicyOptimiser<ExactState> {
    return exactSolver("valueIteration", options, (model) => solve(model, options));
  },
});
