/** @file Policy iteration on an environment's exact model, as an algorithm that `train` drives (Howard 1960). */

import { z } from "zod";
import { resolveOptions } from "../../src/config/options.js";
import type { Algorithm } from "../../src/learning/contract.js";
import { policyIteration as solve } from "../../src/mdp/index.js";
import { type ExactState, exactSolver } from "./shared/exact-solver.js";

export const policyIterationSchema = z.strictObject({});

/** The optimal policy of an environment that knows its model, by rounds of evaluation and improvement. */
export function policyIteration(input: z.input<typeof policyIterationSchema> = {}): Algorithm<ExactState> {
  const options = resolveOptions("policyIteration", policyIterationSchema, input);
  return exactSolver("policyIteration", options, solve);
}
