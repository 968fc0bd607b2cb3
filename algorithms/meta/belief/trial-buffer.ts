/** @file The last trials of training, from which the encoder learns: a ring of whole trials. */

import type { Rng } from "../../../src/random/rng.js";

/** Plain data, part of checkpoints. */
export interface TrialBuffer {
  /** `[capacity, T, width]`: transitions [s, a, r, s′] of each trial. */
  readonly transitions: Float32Array;
  readonly capacity: number;
  /** The number of trials added so far; the last `capacity` of them are kept. */
  added: number;
}

/** A buffer of trials of `steps` transitions of `width` numbers. */
export const createTrialBuffer = (capacity: number, steps: number, width: number): TrialBuffer => ({
  transitions: new Float32Array(capacity * steps * width),
  capacity,
  added: 0,
});

/** Adds the trials of a rollout, `[T, N, width]`. */
export function addTrials(buffer: TrialBuffer, rollout: Float32Array, steps: number, count: number): void {
  const width = rollout.length / (steps * count);
  for (let i = 0; i < count; i++) {
    const row = buffer.added++ % buffer.capacity;
    for (let t = 0; t < steps; t++) {
      const from = (t * count + i) * width;
      buffer.transitions.set(rollout.subarray(from, from + width), (row * steps + t) * width);
    }
  }
}

/** Writes `batch` trials, drawn uniformly with replacement, to `out` `[T, batch, width]`. */
export function sampleTrials(
  buffer: TrialBuffer,
  batch: number,
  steps: number,
  rng: Rng,
  out: Float32Array,
): void {
  const width = out.length / (steps * batch);
  const kept = Math.min(buffer.added, buffer.capacity);
  for (let b = 0; b < batch; b++) {
    const row = rng.integer(kept);
    for (let t = 0; t < steps; t++) {
      const from = (row * steps + t) * width;
      out.set(buffer.transitions.subarray(from, from + width), (t * batch + b) * width);
    }
  }
}
