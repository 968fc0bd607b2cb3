/**
 * @file Soft value iteration on an environment's exact model, as an algorithm that `train` drives
 * [N §1.3, eq. 12–13] [Ziebart 2010].
 */

import { z } from "zod";
import { positive } from "../../src/config/options.js";
import type { Algorithm } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { softValueIteration as solve } from "../../src/mdp/index.js";
import { type ExactState, exactSolver } from "./shared/exact-solver.js";

const softValueIterationSchema = z.strictObject({
  temperature: positive().default(0.1).describe("λ: what a nat of entropy is worth, in units of reward"),
  tolerance: positive()
    .optional()
    .describe("largest error of the policy's soft value; by default 1e-10 of the largest possible value"),
});

export type SoftValueIterationOptions = z.input<typeof softValueIterationSchema>;

/** The policy that maximises reward plus λ times its entropy; the metric `value` counts both. */
export const softValueIteration = defineAlgorithm({
  name: "softValueIteration",
  summary: "the exact policy that is best in reward and entropy together",
  schema: softValueIterationSchema,
  environment: "FrozenLake-v1",
  create(options): Algorithm<ExactState> {
    return exactSolver("softValueIteration", options, (model) => solve(model, options));
  },
});
