/** @file Exact tabular Markov decision processes: ground truth for tests and diagnostics. */

export { actionValues, advantage, averageActions, inducedProcess } from "./bellman.js";
export {
  type FiniteHorizonSolution,
  finiteHorizonEvaluate,
  finiteHorizonOccupancy,
  finiteHorizonValueIteration,
  type HorizonOptions,
} from "./finite-horizon.js";
export {
  expectedRewards,
  type Outcome,
  type RandomModelOptions,
  randomModel,
  rewardRange,
  type TabularModelOptions,
  type Transition,
  tabularModel,
} from "./model.js";
export { occupancy, stateActionOccupancy } from "./occupancy.js";
export { type EvaluationOptions, evaluatePolicy, policyReturn } from "./policy-evaluation.js";
export { policyIteration } from "./policy-iteration.js";
export {
  type SoftSolution,
  type SoftValueIterationOptions,
  softMaximum,
  softPolicy,
  softValueIteration,
} from "./soft-value-iteration.js";
export { deterministicTable, greedyTable, policyTable, uniformTable } from "./tables.js";
export { type Solution, type ValueIterationOptions, valueIteration } from "./value-iteration.js";
