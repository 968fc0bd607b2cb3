/** @file RecordEpisodeStatistics: reports the return and length of every completed episode. */

import type { EnvironmentLike } from "../adapter.js";
import type { Environment } from "../contracts.js";
import { wrap } from "./wrapper.js";

/** The statistics of a completed episode. */
export interface EpisodeStatistics {
  /** Sum of its rewards, undiscounted. */
  return: number;
  /** Its number of steps. */
  length: number;
}

/**
 * Adds `{ return, length }` as `info.episode` to the step that ends an episode. The return sums the rewards of the
 * wrapped environment, so apply this wrapper before wrappers that change rewards.
 */
export function recordEpisodeStatistics(source: EnvironmentLike): Environment {
  const state = { return: 0, length: 0 };
  return wrap(source, {
    keepsModel: true,
    state,
    reset(result) {
      state.return = 0;
      state.length = 0;
      return result;
    },
    step(action, inner) {
      const result = inner(action);
      state.return += result.reward;
      state.length++;
      if (!result.terminated && !result.truncated) return result;
      const episode: EpisodeStatistics = { ...state };
      return { ...result, info: { ...result.info, episode } };
    },
  });
}
