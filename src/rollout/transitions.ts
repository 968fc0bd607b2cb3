/** @file A batch of transitions, as learners and reward sources take it. */

import type { ActionBatch } from "../spaces/values.js";

/** Transitions that a policy optimiser is about to learn from, B of them. */
export interface Transitions {
  /** `[B, width]`, as the environment gave them. */
  readonly observations: Float32Array;
  /** As the policy drew them, before any clipping to the bounds of their box. */
  readonly actions: ActionBatch;
  /** `[B, width]`: what the action led to, also where an episode ended there. */
  readonly nextObservations: Float32Array;
  /** `[B]`, 0 or 1. */
  readonly terminated: Uint8Array;
  /** Of a rollout, `[B]`, 0 or 1: the time limit cut the episode here. */
  readonly truncated?: Uint8Array;
  /** Of a rollout: how many environments stepped together; row t × environments + i is step t of environment i. */
  readonly environments?: number;
}
