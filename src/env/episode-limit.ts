/** @file The number of steps after which whole episodes are cut, so that every loop over episodes ends. */

import type { VectorEnvironment } from "./contracts.js";

/** The limit of episodes in environments that have none of their own (steps). */
export const DEFAULT_EPISODE_LIMIT = 10_000;

/** The number of steps after which a rollout of whole episodes cuts an episode of `vector`. */
export const episodeLimitOf = ({ episodeLimit = DEFAULT_EPISODE_LIMIT }: VectorEnvironment): number =>
  episodeLimit;

/** `vector` with an episode limit of at most `steps`; undefined: its own limit. */
export function withEpisodeLimit(vector: VectorEnvironment, steps?: number): VectorEnvironment {
  if (steps === undefined) return vector;
  return Object.assign(vector, { episodeLimit: Math.min(steps, vector.episodeLimit ?? Infinity) });
}
