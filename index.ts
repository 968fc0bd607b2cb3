/** @file The package's main entry: train, collect, evaluate, compare, with every environment registered. */

import "./envs/index.js";

export { type Demonstrations, demonstrationsOf } from "./src/data/demonstrations.js";
export * from "./src/diagnostics/index.js";
export { FormatError, UsageError } from "./src/errors.js";
export * from "./src/experiment/index.js";
export { loadPolicy, savePolicy } from "./src/policies/index.js";
export type * from "./src/rollout/contracts.js";
export type { Trajectory } from "./src/rollout/trajectory.js";
