/** @file Reinforcement learners that maximise a learnt reward. */

import type { Problem } from "../../../src/env/contracts.js";
import { requireSpaces } from "../../../src/env/problem.js";
import type { Algorithm, PolicyOptimiser, RewardSource, State } from "../../../src/learning/contract.js";
import type { Rng } from "../../../src/random/rng.js";
import { addAbsorbingBonus, discountOf, requireDiscount } from "../../shared/horizon.js";
import type { LearnedReward } from "./contract.js";

/**
 * A reinforcement learner that maximises a learnt reward. Reported returns stay those of the environment. Where the reward
 * knows that of the time after an end, a terminating step has its return.
 *
 * @throws UsageError, when it starts, in an environment of other spaces than those of the reward, or where the return of
 * the time after an end is infinite
 */
export function withReward<S extends State>(
  learner: PolicyOptimiser<S>,
  reward: LearnedReward,
): Algorithm<S> {
  const { absorbing } = reward;
  let discount = discountOf(learner);
  const rewards: RewardSource =
    absorbing === undefined
      ? reward.rewards
      : async (transitions) => {
          const found = Float64Array.from(await reward.rewards(transitions));
          addAbsorbingBonus(found, transitions.terminated, absorbing, discount);
          return found;
        };
  return {
    ...learner,
    async init(problem: Problem, rng: Rng) {
      if (reward.spaces) requireSpaces("the learnt reward", reward.spaces, problem);
      // Exact learners have the discount of the model.
      if (learner.options.discount === undefined) discount = problem.model?.discount ?? discount;
      if (absorbing !== undefined) requireDiscount("the learnt reward", "absorbing", discount, learner.name);
      return learner.init(problem, rng);
    },
    update: (state) => learner.update(state, rewards),
  };
}
