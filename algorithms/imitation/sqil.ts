/**
 * @file Soft Q imitation learning (Reddy, Dragan & Levine 2020, "SQIL", algorithm 1): soft Q-learning in which what the
 * expert did is rewarded with 1 and what the learner does with 0, half of every minibatch each. No reward is learnt.
 */

import { z } from "zod";
import { demonstratedTransitions } from "../../src/datasets/transitions.js";
import type { Problem } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import type { Algorithm, Metrics, RewardSource } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import type { Rng } from "../../src/random/rng.js";
import { Replay } from "../../src/rollout/replay.js";
import type { OffPolicyLearner, OffPolicyState } from "../rl/shared/off-policy.js";
import {
  demonstrationsSchema,
  fingerprint,
  requireDemonstrationsOf,
} from "../shared/demonstrations-option.js";
import { discountOf, optimiserConfig, optimiserOf, optimiserSchema } from "../shared/policy-optimiser.js";
import { carryOn, horizonSchema, requireDiscount, requireHorizon } from "./adversarial/horizon.js";

const sqilSchema = z.strictObject({
  demonstrations: demonstrationsSchema,
  optimiser: optimiserSchema
    .unwrap()
    .default("sac")
    .describe("learner of the policy: sac or dqn, or its options"),
  horizon: horizonSchema,
});

export type SqilOptions = z.input<typeof sqilSchema>;

/** Nothing that the learner does is rewarded. */
const nothing: RewardSource = async ({ terminated }) => new Float32Array(terminated.length);

/** SQIL from `demonstrations`, for discrete actions and actions in a bounded box. */
export const sqil = defineAlgorithm({
  name: "sqil",
  summary: "soft Q imitation: 1 for what the expert did, 0 for what the learner does",
  schema: sqilSchema,
  needs: ["demonstrations"],
  optimiser: "sac",
  create({ demonstrations, optimiser: asked, horizon }): Algorithm<OffPolicyState> {
    const options = typeof asked === "object" && !("algorithm" in asked) && !("init" in asked);
    const optimiser = optimiserOf(
      "sqil",
      options ? { algorithm: "sac", ...asked } : asked,
    ) as OffPolicyLearner;
    if (!optimiser.abilities?.replay) {
      throw new UsageError(
        `sqil: ${optimiser.name} keeps no replay for demonstrations to be drawn from; take sac or dqn`,
      );
    }
    requireDiscount("sqil", horizon, discountOf(optimiser), optimiser.name);
    requireHorizon("sqil", horizon, demonstrations);
    const shown = demonstratedTransitions(demonstrations);
    if (shown.weights) {
      throw new UsageError(
        "sqil: demonstrations with different weights are not supported; give them all the same",
      );
    }
    const rewards = new Float64Array(shown.count).fill(1);
    // An expert that is done goes on being rewarded, as it would have been for going on.
    if (horizon === "absorbing") carryOn(rewards, shown.terminated, 1, discountOf(optimiser));
    return {
      ...optimiser,
      name: "sqil",
      options: {
        demonstrations: fingerprint(demonstrations),
        optimiser: optimiserConfig(optimiser),
        horizon,
      },

      async init(problem: Problem, rng: Rng): Promise<OffPolicyState> {
        requireDemonstrationsOf("sqil", problem, demonstrations);
        const state = await optimiser.init(problem, rng);
        const { id, observationSpace, actionSpace } = problem;
        state.demonstrations = new Replay({ id, observationSpace, actionSpace, count: 1 }, shown.count);
        state.demonstrations.add({ ...shown, rewards });
        return state;
      },

      update(state: OffPolicyState): Promise<Metrics> {
        return optimiser.update(state, async (transitions) => {
          requireHorizon("sqil", horizon, transitions);
          return nothing(transitions);
        });
      },
    };
  },
});
