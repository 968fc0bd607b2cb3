/** @file Exact solutions of tabular Markov decision processes, for tabular algorithms, tests and diagnostics. */

export { type BayesOptimalOptions, bayesOptimalReturn, bernoulliBanditReturn } from "./bayes-optimal.js";
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
export { discountedFlow, type FlowOptions, occupancy, stateActionOccupancy } from "./occupancy.js";
export { type OccupancyFunction, type OccupancyGradient, occupancyGradient } from "./occupancy-gradient.js";
export { type EvaluationOptions, evaluatePolicy, policyReturn } from "./policy-evaluation.js";
export { policyIteration } from "./policy-iteration.js";
export {
  type Entry,
  horizonFlow,
  type SoftHorizonSolution,
  softFiniteHorizon,
} from "./soft-finite-horizon.js";
export {
  type SoftSolution,
  type SoftValueIterationOptions,
  softMaximum,
  softPolicy,
  softValueIteration,
} from "./soft-value-iteration.js";
export { deterministicTable, greedyTable, policyTable, uniformTable } from "./tables.js";
export { trajectoryDistribution, trajectoryFlow } from "./trajectory-distribution.js";
export { type Solution, type ValueIterationOptions, valueIteration } from "./value-iteration.js";
