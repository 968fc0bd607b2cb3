/** @file The arrays of a vector environment, and the rows of them that a part of the vector fills. */

/** The arrays of a `VectorEnvironment`, where they are documented; row i belongs to environment i. */
export interface VectorArrays {
  /** `[N, width]`, like `finalObservations`. */
  readonly observations: Float32Array;
  readonly finalObservations: Float32Array;
  /** `[N]`, like the remaining arrays. */
  readonly rewards: Float64Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  readonly trialEnded: Uint8Array;
  readonly episodeInTrial: Int32Array;
  readonly stepInEpisode: Int32Array;
}

/** Consecutive rows of a vector: all rows, or the rows of one worker thread. */
export interface Rows {
  /** The index of the first row in the whole vector: environment i draws from the stream of `first + i`. */
  readonly first: number;
  readonly count: number;
  /** The arrays of these rows only. */
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
    episodeInTrial: new Int32Array(count),
    stepInEpisode: new Int32Array(count),
  };
  return { first: 0, count, arrays };
}
