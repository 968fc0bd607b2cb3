/** @file Reinforcement learners that maximise a learnt reward. */

import type { Problem } from "../../../src/env/contracts.js";
import { requireSpaces } from "../../../src/env/problem.js";
import type { Algorithm, PolicyOptimiser, State } from "../../../src/learning/contract.js";
import type { Rng } from "../../../src/random/rng.js";
import type { LearnedReward } from "./contract.js";

/**
 * A reinforcement learner that maximises a learnt reward. Reported returns stay those of the environment.
 *
 * @throws UsageError, when it starts, in an environment of other spaces than those of the reward
 */
export function withReward<S extends State>(
  learner: PolicyOptimiser<S>,
  reward: LearnedReward,
): Algorithm<S> {
  return {
    ...learner,
    async init(problem: Problem, rng: Rng) {
      if (reward.spaces) requireSpaces("the learnt reward", reward.spaces, problem);
      return learner.init(problem, rng);
    },
    update: (state) => learner.update(state, reward.rewards),
  };
}
