/** @file Policy iteration on an environment's exact model [Howard 1960]. */

import * as z from "zod";
import type { PolicyOptimiser } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { policyIteration as solve } from "../../src/mdp/index.js";
import { type ExactState, exactSolver } from "./shared/exact-solver.js";

const policyIterationSchema = z.strictObject({});

/** The optimal policy of an environment with an exact model, by rounds of evaluation and improvement. */
export const policyIteration = defineAlgorithm({
  name: "policyIteration",
  summary: "dynamic programming on an exact model: alternate policy evaluation and improvement",
  schema: policyIterationSchema,
  environment: "FrozenLake-v1",
  withLearntRewards: {},
  create(options): PolicyOptimiser<ExactState> {
    return exactSolver("policyIteration", options, solve);
  },
});
