/** @file Value iteration on an environment's exact model, as an algorithm that `train` drives (Bellman 1957). */

import { z } from "zod";
import { positive, resolveOptions } from "../../src/config/options.js";
import { UsageError } from "../../src/errors.js";
import { policyReturn, valueIteration as solve, uniformTable } from "../../src/mdp/index.js";
import { TabularPolicy } from "../../src/policies/index.js";
import type { Algorithm, Metrics, Problem, TabularModel } from "../../src/rollout/contracts.js";

export const valueIterationSchema = z.strictObject({
  tolerance: positive()
    .optional()
    .describe("largest error of the policy's value; by default 1e-10 of the largest possible value"),
});

export type ValueIterationOptions = z.input<typeof valueIterationSchema>;

export interface ValueIterationState {
  /** π, `[states × actions]`. */
  table: Float64Array;
  solved: boolean;
  live: { derived: true; model: TabularModel };
}

/** The optimal policy of an environment that knows its model; the discount is the model's own. */
export function valueIteration(input: ValueIterationOptions = {}): Algorithm<ValueIterationState> {
  const options = resolveOptions("valueIteration", valueIterationSchema, input);
  return {
    name: "valueIteration",
    options,
    unit: "sweeps",
    defaultSteps: 1,

    async init({ id, model }: Problem): Promise<ValueIterationState> {
      if (!model) throw new UsageError(`valueIteration needs an exact model, which ${id} does not have`);
      return { table: uniformTable(model), solved: false, live: { derived: true, model } };
    },

    async update(state: ValueIterationState): Promise<Metrics> {
      const { model } = state.live;
      const { values, policy, iterations, residual } = solve(model, options);
      state.table = policy;
      state.solved = true;
      return { steps: iterations, value: policyReturn(model, values), residual };
    },

    policy: (state) => new TabularPolicy(state.live.model.states, state.table),
    done: (state) => state.solved,
  };
}
