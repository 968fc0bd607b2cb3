/**
 * @file SparseReward: accumulates rewards and returns their sum later, which makes rewards sparse without changing
 * undiscounted returns, like the delayed MuJoCo rewards of [Oh et al. 2018, §4.4].
 */

import { UsageError } from "../../errors.js";
import type { EnvironmentLike } from "../adapter.js";
import type { Environment } from "../contracts.js";
import { wrap } from "./wrapper.js";

/**
 * At every `every`-th step of an episode and at its end, the reward is the sum of the accumulated rewards; at all other
 * steps it is 0. Without `every`, the sum is returned only at the end.
 *
 * @throws UsageError unless `every` is a positive integer.
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
