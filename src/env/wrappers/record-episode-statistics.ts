/** @file RecordEpisodeStatistics: the raw return and length of every episode that ends. */

import type { EnvironmentLike } from "../adapter.js";
import type { Environment } from "../contracts.js";
import { wrap } from "./wrapper.js";

/** What is known of an episode that has ended. */
export interface EpisodeStatistics {
  /** Sum of its rewards, undiscounted. */
  return: number;
  /** Its number of steps. */
  length: number;
}

/**
 * Puts `{ return, length }` into `info.episode` of the step that ends an episode. Wrap first what changes rewards
 * last: rewards are summed as this wrapper sees them.
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
