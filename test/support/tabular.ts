/** @file Plain iterations over a tabular model, independent of the library's, as a reference for tests. */

import type { TabularModel } from "../../src/env/contracts.js";

/** The expected return of a pair under next-state values `values`. */
function backup(model: TabularModel, values: Float64Array, state: number, action: number): number {
  const pair = state * model.actions + action;
  let total = 0;
  for (let entry = model.rowStart[pair]; entry < model.rowStart[pair + 1]; entry++) {
    total += model.probability[entry] * (model.reward[entry] + model.discount * values[model.next[entry]]);
  }
  return total;
}

function iterate(model: TabularModel, next: (values: Float64Array, state: number) => number): Float64Array {
  let values = new Float64Array(model.states);
  for (let sweep = 0; sweep < Math.ceil(Math.log(1e-9) / Math.log(model.discount)); sweep++) {
    const old = values;
    values = Float64Array.from(old, (_, state) => next(old, state));
  }
  return values;
}

const actionsOf = (model: TabularModel) => Array.from({ length: model.actions }, (_, action) => action);

/** V*, to about 1e-9 of the largest value. */
export const optimalValues = (model: TabularModel): Float64Array =>
  iterate(model, (values, state) =>
    Math.max(...actionsOf(model).map((action) => backup(model, values, state, action))),
  );

/** V of a policy table `[states × actions]`. */
export const evaluatePolicy = (model: TabularModel, table: Float64Array): Float64Array =>
  iterate(model, (values, state) =>
    actionsOf(model).reduce(
      (sum, action) => sum + table[state * model.actions + action] * backup(model, values, state, action),
      0,
    ),
  );

/** The best action of each state under next-state values `values`. */
export const greedy = (model: TabularModel, values: Float64Array): Int32Array =>
  Int32Array.from({ length: model.states }, (_, state) => {
    const returns = actionsOf(model).map((action) => backup(model, values, state, action));
    return returns.indexOf(Math.max(...returns));
  });
