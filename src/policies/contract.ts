/** @file The interface of policies, and of their stored form. See docs/architecture.md. */

import { UsageError } from "../errors.js";
import type { Rng } from "../random/rng.js";
import type { Space } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";

export interface ActOptions {
  /** Draws the samples. Needed unless `deterministic` is true and the policy has a mode. */
  rng?: Rng;
  /** Return the mode instead of a sample. */
  deterministic?: boolean;
  /** Recurrent state of the batch, from the previous call. */
  state?: Float32Array;
}

/** @throws UsageError when a policy that draws its actions was given no `rng` */
export function needRng(rng: Rng | undefined): Rng {
  if (rng) return rng;
  throw new UsageError("act draws random actions and needs rng, as in { rng: createRng(0) }");
}

export interface ActResult {
  actions: ActionBatch;
  /** Actions before clipping to the bounds of a box, from policies that clip; learners use these. */
  unclipped?: Float32Array;
  /** `[N]` log-probability (density) of each action, before any clipping. */
  logProbs?: Float32Array;
  /**
   * `[N]` value estimates, from recurrent policies with a critic. For others, call `value`, which is faster in bulk.
   */
  values?: Float32Array;
  state?: Float32Array;
  /** `[N, C]`: the probabilities of the task's cluster, from policies that infer one. */
  clusters?: Float32Array;
}

/** A trained artefact as data: JSON-compatible settings and named arrays, never code. `kind` selects its reader. */
export interface ArtefactData {
  kind: string;
  settings: Record<string, unknown>;
  arrays: Record<string, { shape: number[]; data: Float32Array | Float64Array | Int32Array }>;
}

/** A policy as data. */
export type PolicyData = ArtefactData;

/**
 * @param what the policy, and `instead` what to use, in the message
 * @throws UsageError for a policy that also acts on rewards and ends, where there are observations alone
 */
export function requireObserver(what: string, { view }: Pick<Policy, "view">, instead: string): void {
  if (view === undefined) return;
  throw new UsageError(
    `${what} adapts to its task: it acts on the actions, rewards and ends before, not on an observation alone; ${instead}`,
  );
}

/** A policy: maps observations to actions. Observation batches are flat rows `[N, width]`. */
export interface Policy {
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  /**
   * "feedback": observation batches are rows of the feedback view of a vector, `[N, feedbackLayout(…).width]`, which add
   * the previous action, reward, end and next observation. "cluster": the same with the true cluster of the task, for an
   * oracle. `observationSpace` is still that of the environment.
   */
  readonly view?: "feedback" | "cluster";
  act(observations: Float32Array, options: ActOptions): Promise<ActResult>;
  /**
   * Log-probability (density) of each action, `[N]`, given the recurrent state before it. Default: the initial state.
   */
  logProb(observations: Float32Array, actions: ActionBatch, state?: Float32Array): Promise<Float32Array>;
  /** Action probabilities `[N, actions]`, for policies with discrete actions and without recurrent state. */
  probabilities?(observations: Float32Array): Promise<Float64Array>;
  /** State values `[N]`, for policies with a critic; `state` as for `logProb`. */
  value?(observations: Float32Array, state?: Float32Array): Promise<Float32Array>;
  toData(): PolicyData;
  /** The forward program with its weights, as the bytes of an `.onnx` file, for policies with a network. */
  toOnnx?(): Uint8Array;
}
