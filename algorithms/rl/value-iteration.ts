/** @file Value iteration on an environment's exact model, as an algorithm that `train` drives [Bellman 1957]. */

import { z } from "zod";
import { positive } from "../../src/config/options.js";
import type { Algorithm } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { valueIteration as solve } from "../../src/mdp/index.js";
import { type ExactState, exactSolver } from "./shared/exact-solver.js";

const valueIterationSchema = z.strictObject({
  tolerance: positive()
    .optional()
    .describe("largest error of the policy's value; by default 1e-10 of the largest possible value"),
});

export type ValueIterationOptions = z.input<typeof valueIterationSchema>;

/** The optimal policy of an environment that knows its model; the discount is the model's own. */
export const valueIteration = defineAlgorithm({
  name: "valueIteration",
  summary: "the exact optimal policy of a tabular environment, by sweeps over its states",
  schema: valueIterationSchema,
  environment: "FrozenLake-v1",
  create(options): Algorithm<ExactState> {
    return exactSolver("valueIteration", options, (model) => solve(model, options));
  },
});
