/** @file The policy contract: what acts, and how it is stored. See docs/architecture.md. */

import type { Rng } from "../random/rng.js";
import type { Space } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";

export interface ActOptions {
  rng: Rng;
  /** The mode instead of a sample. */
  deterministic?: boolean;
  /** Recurrent state of the batch, from the previous call. */
  state?: Float32Array;
}

export interface ActResult {
  actions: ActionBatch;
  /** Actions before they were clipped to the bounds of their box, from policies that do: what they learn from. */
  unclipped?: Float32Array;
  /** `[N]` log-probability (density) of each action, before any clipping. */
  logProbs?: Float32Array;
  /** `[N]` value estimates, from policies whose critic goes by the recurrent state; of others, ask `value` in bulk. */
  values?: Float32Array;
  state?: Float32Array;
}

/** A trained thing as data: JSON-able settings and named arrays; never code. `kind` says what reads it. */
export interface ArtefactData {
  kind: string;
  settings: Record<string, unknown>;
  arrays: Record<string, { shape: number[]; data: Float32Array | Float64Array | Int32Array }>;
}

/** A policy as data. */
export type PolicyData = ArtefactData;

/** What acts. Observation batches are flat rows `[N, width]`. */
export interface Policy {
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  act(observations: Float32Array, options: ActOptions): Promise<ActResult>;
  /** Log-probability (density) of each action, `[N]`, given the recurrent state before it; without, it is empty. */
  logProb(observations: Float32Array, actions: ActionBatch, state?: Float32Array): Promise<Float32Array>;
  /** Action probabilities `[N, actions]`: discrete actions only, of policies without recurrent state. */
  probabilities?(observations: Float32Array): Promise<Float64Array>;
  /** State values `[N]`, where the policy carries a critic; `state` as for `logProb`. */
  value?(observations: Float32Array, state?: Float32Array): Promise<Float32Array>;
  toData(): PolicyData;
  /** The forward program with its weights baked in, as the bytes of an `.onnx` file, where there is a network. */
  toOnnx?(): Uint8Array;
}
