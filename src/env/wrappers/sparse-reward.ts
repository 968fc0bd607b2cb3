/**
 * @file SparseReward: rewards held back and paid in one sum, which makes a dense problem a sparse one without changing
 * its undiscounted returns (the delayed MuJoCo rewards of Oh et al. 2018, "Self-Imitation Learning", §4.4).
 */

import { UsageError } from "../../errors.js";
import type { EnvironmentLike } from "../adapter.js";
import type { Environment } from "../contracts.js";
import { wrap } from "./wrapper.js";

/**
 * Pays the sum of the rewards since the last payment at every `every`-th step of an episode and at its end, and 0 at
 * all other steps. Without `every`, only at the end.
 *
 * @throws {UsageError} unless `every` is a positive integer.
 */
export function sparseReward(source: EnvironmentLike, { every }: { every?: number } = {}): Environment {
  if (every !== undefined && (!Number.isInteger(every) || every < 1)) {
    throw new UsageError(`sparseReward: every must be a positive number of steps, not ${every}`);
  }
  const state = { owed: 0, elapsed: 0 };
  return wrap(source, {
    state,
    reset(result) {
      state.owed = 0;
      state.elapsed = 0;
      return result;
    },
    step(action, inner) {
      const result = inner(action);
      state.owed += result.reward;
      state.elapsed++;
      const isDue = every !== undefined && state.elapsed % every === 0;
      if (!isDue && !result.terminated && !result.truncated) return { ...result, reward: 0 };
      const reward = state.owed;
      state.owed = 0;
      return { ...result, reward };
    },
  });
}
