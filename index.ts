/** @file The package's main entry: train, collect, evaluate, compare, with every environment registered. */

import "./envs/index.js";

export { type Demonstrations, demonstrationsOf } from "./src/data/demonstrations.js";
export * from "./src/diagnostics/index.js";
export { FormatError, UsageError } from "./src/errors.js";
export * from "./src/experiment/index.js";
/** Exact tabular models. */
export * as mdp from "./src/mdp/index.js";
/** Networks, distributions and optimisers. */
export * as nn from "./src/nn/index.js";
export { loadPolicy, NetworkPolicy, savePolicy, TabularPolicy, UniformPolicy } from "./src/policies/index.js";
export { createRng, type Rng } from "./src/random/rng.js";
export type * from "./src/rollout/contracts.js";
export type { Trajectory } from "./src/rollout/trajectory.js";
export * as spaces from "./src/spaces/index.js";
/** Tensor programs: trace, differentiate, run, export. */
export * as tensor from "./src/tensor/index.js";
