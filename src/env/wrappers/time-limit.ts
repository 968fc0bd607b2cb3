/** @file TimeLimit: truncates episodes after a number of steps. */

import { UsageError } from "../../errors.js";
import type { EnvironmentLike } from "../adapter.js";
import type { Environment } from "../contracts.js";
import { wrap } from "./wrapper.js";

/**
 * Truncates an episode at step `maxEpisodeSteps`, unless it terminates there. The environment's own time limit remains
 * in force.
 *
 * @throws UsageError unless `maxEpisodeSteps` is a positive integer.
 */
export function timeLimit(source: EnvironmentLike, maxEpisodeSteps: number): Environment {
  if (!Number.isInteger(maxEpisodeSteps) || maxEpisodeSteps < 1) {
    throw new UsageError(`timeLimit: the limit must be a positive number of steps, not ${maxEpisodeSteps}`);
  }
  const state = { elapsed: 0 };
  const own = (source as Partial<Environment>).maxEpisodeSteps ?? Infinity;
  return wrap(source, {
    maxEpisodeSteps: Math.min(maxEpisodeSteps, own),
    keepsModel: true,
    state,
    reset(result) {
      state.elapsed = 0;
      return result;
    },
    step(action, inner) {
      const result = inner(action);
      state.elapsed++;
      if (state.elapsed >= maxEpisodeSteps && !result.terminated) result.truncated = true;
      return result;
    },
  });
}
