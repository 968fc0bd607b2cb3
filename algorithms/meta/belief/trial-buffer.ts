/** @file The last trials of training, from which the encoder learns: a ring of whole trials. */

import type { Rng } from "../../../src/random/rng.js";

/** Plain data, part of checkpoints. */
export interface TrialBuffer {
  /** `[capacity, T, width]`: transitions [s, a, r, s′] of each trial; padding after its end is 0. */
  readonly transitions: Float32Array;
  /** `[capacity]`: the number of transitions of each trial, at most T. */
  lengths: Int32Array;
  readonly capacity: number;
  /** The number of trials added so far; the last `capacity` of them are kept. */
  added: number;
}

/** A buffer of trials of at most `steps` transitions of `width` numbers. */
export const createTrialBuffer = (capacity: number, steps: number, width: number): TrialBuffer => ({
  transitions: new Float32Array(capacity * steps * width),
  lengths: new Int32Array(capacity),
  capacity,
  added: 0,
});

/** Adds the trials of a rollout, `[T, N, width]`, of `lengths` `[N]` transitions. */
export function addTrials(
  buffer: TrialBuffer,
  rollout: Float32Array,
  steps: number,
  lengths: ArrayLike<number>,
): void {
  const count = lengths.length;
  const width = rollout.length / (steps * count);
  for (let i = 0; i < count; i++) {
    const row = buffer.added++ % buffer.capacity;
    buffer.lengths[row] = lengths[i];
    for (let t = 0; t < steps; t++) {
      const from = (t * count + i) * width;
      buffer.transitions.set(rollout.subarray(from, from + width), (row * steps + t) * width);
    }
  }
}

/**
 * Writes trials, drawn uniformly with replacement, to `out` `[T, batch, width]`, and the number of transitions of each to
 * `lengths` `[batch]`.
 */
export function sampleTrials(
  buffer: TrialBuffer,
  steps: number,
  rng: Rng,
  out: Float32Array,
  lengths: Int32Array,
): void {
  const batch = lengths.length;
  const width = out.length / (steps * batch);
  const kept = Math.min(buffer.added, buffer.capacity);
  for (let b = 0; b < batch; b++) {
    const row = rng.integer(kept);
    lengths[b] = buffer.lengths[row];
    for (let t = 0; t < steps; t++) {
      const from = (row * steps + t) * width;
      out.set(buffer.transitions.subarray(from, from + width), (t * batch + b) * width);
    }
  }
}
