/**
 * @file Soft value iteration on an environment's exact model [N §1.3, eq. 12–13] [Ziebart 2010].
 */

import * as z from "zod";
import { positive } from "../../src/config/options.js";
import type { PolicyOptimiser } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { softValueIteration as solve } from "../../src/mdp/index.js";
import { type ExactState, exactSolver } from "./shared/exact-solver.js";

const softValueIterationSchema = z.strictObject({
  temperature: positive().default(0.1).describe("λ: weight of the policy's entropy (reward per nat)"),
  tolerance: positive()
    .optional()
    .describe(
      "largest error of the policy's soft value, in units of reward; unset: 1e-10 of the largest possible value",
    ),
});

export type SoftValueIterationOptions = z.input<typeof softValueIterationSchema>;

/** The policy that maximises reward plus λ times its entropy. The metric `value` includes both. */
export const softValueIteration = defineAlgorithm({
  name: "softValueIteration",
  summary: "dynamic programming on an exact model: the policy that maximises reward plus entropy",
  schema: softValueIterationSchema,
  environment: "FrozenLake-v1",
  withLearntRewards: {},
  create(options): PolicyOptimiser<ExactState> {
    return exactSolver("softValueIteration", options, (model) => solve(model, options));
  },
});
