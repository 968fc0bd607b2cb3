/** @file The package's main entry: train, collect, evaluate, compare, with every environment registered. */

import "./envs/register.js";

export { type Demonstrations, demonstrationsOf } from "./src/datasets/demonstrations.js";
/** Exact tabular models. */
export * as mdp from "./src/datasets/mdp.js";
export {
  type Comparison,
  type PreferenceSegment,
  type Preferences,
  preferencesOf,
} from "./src/datasets/preferences.js";
export * from "./src/diagnostics/index.js";
export type * from "./src/env/contracts.js";
export { FormatError, UsageError } from "./src/errors.js";
export type * from "./src/learning/contract.js";
export {
  type AlgorithmDefinition,
  type DataSource,
  type DefinedAlgorithm,
  defineAlgorithm,
} from "./src/learning/define.js";
export {
  type EvaluateTrialsOptions,
  evaluateTrials,
  type TrialsEvaluation,
} from "./src/measure/evaluate-trials.js";
export type { Measure } from "./src/measure/measure.js";
/** Networks, distributions and optimisers. */
export * as nn from "./src/nn/index.js";
export type * from "./src/policies/contract.js";
export {
  defineNetwork,
  definePolicy,
  type NetworkData,
  type NetworkDefinition,
  type NetworkInput,
  NetworkPolicy,
  type PolicyDefinition,
  TabularPolicy,
  UniformPolicy,
} from "./src/policies/index.js";
export { createRng, type Rng } from "./src/random/rng.js";
export { type TaskSet, type TaskSetOptions, taskSet } from "./src/rollout/task-set.js";
export type { Trajectory } from "./src/rollout/trajectory.js";
export type { Transitions } from "./src/rollout/transitions.js";
export { loadArtefact, loadPolicy, saveArtefact, savePolicy } from "./src/runs/artefact-files.js";
export * from "./src/runs/index.js";
export { loadPreferences, savePreferences } from "./src/runs/preference-files.js";
export { type SeedsConfig, type SeedsOptions, trainSeeds } from "./src/runs/seeds.js";
export type { SeedRecord, SeedsSummary } from "./src/runs/seeds-summary.js";
export type { Action, ActionBatch, Observation } from "./src/spaces/index.js";
export * as spaces from "./src/spaces/index.js";
/** Tensor programs: trace, differentiate, run, export. */
export * as tensor from "./src/tensor/index.js";
