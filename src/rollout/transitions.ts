/** @file The type of a batch of transitions, for learners and sources of rewards. */

import type { ActionBatch } from "../spaces/values.js";

/** B transitions from which a policy optimiser learns. */
export interface Transitions {
  /** `[B, width]`, raw, as the environment returns them. */
  readonly observations: Float32Array;
  /** The policy's actions, before clipping to the bounds of a box. */
  readonly actions: ActionBatch;
  /** `[B, width]`: the observation after the action; at the end of an episode, its final observation. */
  readonly nextObservations: Float32Array;
  /** `[B]`, 0 or 1. */
  readonly terminated: Uint8Array;
  /** In a rollout: `[B]`, 0 or 1: whether the time limit ended the episode. */
  readonly truncated?: Uint8Array;
  /** In a rollout: the number of environments; row t × environments + i is step t of environment i. */
  readonly environments?: number;
}
