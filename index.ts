/** @file The package's main entry: train, collect, evaluate, compare, with every environment registered. */

import "./envs/index.js";
import { UsageError } from "./src/errors.js";
import type { Algorithm, State } from "./src/learning/contract.js";
import type { Policy } from "./src/policies/contract.js";
import { type RunResult, type TrainOptions, train as trainAlgorithm } from "./src/runs/index.js";

export { type Demonstrations, demonstrationsOf } from "./src/datasets/demonstrations.js";
/** Exact tabular models. */
export * as mdp from "./src/datasets/mdp.js";
export * from "./src/diagnostics/index.js";
export type * from "./src/env/contracts.js";
export { FormatError, UsageError } from "./src/errors.js";
export type * from "./src/learning/contract.js";
export { type AlgorithmDefinition, type DefinedAlgorithm, defineAlgorithm } from "./src/learning/define.js";
export type { Measure } from "./src/measure/measure.js";
/** Networks, distributions and optimisers. */
export * as nn from "./src/nn/index.js";
export type * from "./src/policies/contract.js";
export {
  defineNetwork,
  loadPolicy,
  type NetworkData,
  type NetworkDefinition,
  type NetworkInput,
  NetworkPolicy,
  savePolicy,
  TabularPolicy,
  UniformPolicy,
} from "./src/policies/index.js";
export { createRng, type Rng } from "./src/random/rng.js";
export type { Trajectory } from "./src/rollout/trajectory.js";
export type { Transitions } from "./src/rollout/transitions.js";
export * from "./src/runs/index.js";
export { type SeedsConfig, type SeedsOptions, trainSeeds } from "./src/runs/seeds.js";
export type { SeedRecord, SeedsSummary } from "./src/runs/seeds-summary.js";
export type { Action, ActionBatch, Observation } from "./src/spaces/index.js";
export * as spaces from "./src/spaces/index.js";
/** Tensor programs: trace, differentiate, run, export. */
export * as tensor from "./src/tensor/index.js";

/** What `train` takes beside the name of an algorithm. */
export interface TrainByNameOptions extends TrainOptions {
  /** The algorithm's own; they win over the tuned ones. */
  options?: Record<string, unknown>;
  /** Whether to use the settings and the number of steps tuned for the environment, where there are some. */
  tuned?: boolean;
}

/**
 * Trains an algorithm and returns its policy. `train.run` takes the same and returns all there is to know, with the
 * environments that it was trained in still open in the state: `close()` of its result closes them.
 *
 * An algorithm's name stands for the algorithm with the settings tuned for the environment: see `algorithms/tuned/`.
 * Which these are is said on `progress`, and kept in the run's `config.json`.
 *
 * The same algorithm, options and seed give the same policy, bit for bit, also when the run was killed and resumed
 * on the way.
 *
 * @throws UsageError for an unknown algorithm, option or environment, a folder in use, or a resume that does not fit.
 * @throws Error when a metric is not finite or a file cannot be written; what was kept before stays.
 */
export async function train(algorithm: string, options: TrainByNameOptions): Promise<Policy>;
export async function train<S extends State>(algorithm: Algorithm<S>, options: TrainOptions): Promise<Policy>;
export async function train(algorithm: Algorithm | string, options: TrainByNameOptions): Promise<Policy> {
  return trainAlgorithm(...(await resolved(algorithm, options)));
}

async function run(algorithm: string, options: TrainByNameOptions): Promise<RunResult>;
async function run<S extends State>(algorithm: Algorithm<S>, options: TrainOptions): Promise<RunResult<S>>;
async function run(algorithm: Algorithm | string, options: TrainByNameOptions): Promise<RunResult>;
async function run(algorithm: Algorithm | string, options: TrainByNameOptions): Promise<RunResult> {
  return trainAlgorithm.run(...(await resolved(algorithm, options)));
}

/** The algorithm that is meant, with what it is trained with. */
async function resolved(
  algorithm: Algorithm | string,
  given: TrainByNameOptions,
): Promise<[algorithm: Algorithm, options: TrainOptions]> {
  if (typeof given !== "object" || given === null) {
    const got = given === undefined ? "nothing" : JSON.stringify(given);
    throw new UsageError(
      `train: after the algorithm, or its name, come options such as { env: "CartPole-v1" }, not ${got}`,
    );
  }
  if (typeof algorithm !== "string") return [algorithm, given];
  // Whoever makes the algorithm alone need not load all of them.
  const { algorithmFor, describeTuned, tuned } = await import("./algorithms/index.js");
  const { options, tuned: useTuned = true, ...rest } = given;
  const source = rest.env as unknown;
  const id = typeof source === "string" ? source : (source as { id?: string } | undefined)?.id;
  const env = useTuned ? id : undefined;
  const named = algorithmFor(algorithm, env, options);
  if (env !== undefined) rest.progress?.write(`${describeTuned(algorithm, env, named.options)}\n`);
  const steps = rest.steps ?? (env === undefined ? undefined : tuned(algorithm, env)?.steps);
  return [named, { ...rest, steps }];
}

train.run = run;
