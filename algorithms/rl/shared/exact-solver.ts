/** @file The common part of the exact methods: an algorithm whose single update solves the environment's model. */

import type { Problem, TabularModel } from "../../../src/env/contracts.js";
import { UsageError } from "../../../src/errors.js";
import type { Algorithm, Metrics } from "../../../src/learning/contract.js";
import { policyReturn, uniformTable } from "../../../src/mdp/index.js";
import { policyOfModel } from "../../../src/policies/index.js";
import type { Space } from "../../../src/spaces/index.js";

export interface ExactState {
  /** π, `[states × actions]`. */
  table: Float64Array;
  solved: boolean;
  live: { derived: true; model: TabularModel; observationSpace: Space };
}

/** The solution of a model by a method. */
interface Solved {
  values: Float64Array;
  policy: Float64Array;
  iterations: number;
  residual: number;
}

/** The algorithm `name`, which is done when `solve` has returned. It uses the model's discount. */
export const exactSolver = (
  name: string,
  options: Record<string, unknown>,
  solve: (model: TabularModel) => Solved,
): Algorithm<ExactState> => ({
  name,
  options,
  unit: "sweeps",
  defaultSteps: 1,

  async init({ id, model, observationSpace }: Problem): Promise<ExactState> {
    if (!model) throw new UsageError(`${name} needs an exact model, which ${id} does not have`);
    return { table: uniformTable(model), solved: false, live: { derived: true, model, observationSpace } };
  },

  async update(state: ExactState): Promise<Metrics> {
    const { model } = state.live;
    const { values, policy, iterations, residual } = solve(model);
    state.table = policy;
    state.solved = true;
    return { steps: iterations, value: policyReturn(model, values), residual };
  },

  policy: ({ table, live: { model, observationSpace } }) => policyOfModel(model, table, observationSpace),
  done: (state) => state.solved,
});
