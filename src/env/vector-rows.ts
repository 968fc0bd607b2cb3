/** @file The arrays that a vector environment shows, and which rows of them a part of it fills. */

/** Row i of each is of environment i: see `VectorEnvironment`, which says what they hold. */
export interface VectorArrays {
  /** `[N, width]`, as are the final ones. */
  readonly observations: Float32Array;
  readonly finalObservations: Float32Array;
  /** `[N]`, as are the rest. */
  readonly rewards: Float64Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  readonly trialEnded: Uint8Array;
}

/** Consecutive rows of a vector: all of them, or those of one of the threads that share its arrays. */
export interface Rows {
  /** Environment i of these rows is environment `first + i` of the whole: it draws from that one's stream. */
  readonly first: number;
  readonly count: number;
  /** Of these rows alone. */
  readonly arrays: VectorArrays;
}

/** All rows of a new vector of `count` environments, whose observations have `width` numbers. */
export function allRows(count: number, width: number): Rows {
  const arrays = {
    observations: new Float32Array(count * width),
    finalObservations: new Float32Array(count * width),
    rewards: new Float64Array(count),
    terminated: new Uint8Array(count),
    truncated: new Uint8Array(count),
    trialEnded: new Uint8Array(count),
  };
  return { first: 0, count, arrays };
}
