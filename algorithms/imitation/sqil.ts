/**
 * @file Soft Q imitation learning [Reddy, Dragan & Levine 2020, algorithm 1]: soft Q-learning with a reward of 1 for
 * demonstrated transitions and 0 for the learner's. Each minibatch holds half of either. No reward is learnt.
 */

import * as z from "zod";
import { demonstratedTransitions, episodeWeights } from "../../src/datasets/transitions.js";
import type { Problem } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import type { Algorithm, Metrics } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import type { Rng } from "../../src/random/rng.js";
import { Replay } from "../../src/rollout/replay.js";
import type { OffPolicyLearner, OffPolicyState } from "../rl/shared/off-policy.js";
import { rewardOptions, rewardTask } from "./shared/options.js";

const sqilSchema = z.strictObject({
  ...rewardOptions,
  optimiser: rewardOptions.optimiser
    .unwrap()
    .default("sac")
    .describe("reinforcement learner of the policy: sac, dqn, or its options"),
});

export type SqilOptions = z.input<typeof sqilSchema>;

/** SQIL from `demonstrations`, for discrete actions and actions in a bounded box. */
export const sqil = defineAlgorithm({
  name: "sqil",
  summary: "soft Q imitation: reward 1 for demonstrated transitions, 0 for the learner's",
  schema: sqilSchema,
  needs: [["demonstrations"]],
  optimiser: "sac",
  create(options): Algorithm<OffPolicyState> {
    const task = rewardTask("sqil", { ...options, optimiser: withDefault(options.optimiser) });
    const { demonstrations } = task;
    const optimiser = task.optimiser as OffPolicyLearner;
    if (!optimiser.abilities?.replay) {
      throw new UsageError(
        `sqil: the optimiser must learn from a replay, and ${optimiser.name} has none; use sac or dqn`,
      );
    }
    if (episodeWeights(demonstrations.trajectories)) {
      throw new UsageError(
        "sqil: demonstrations with different weights are not supported; give all of them the same weight",
      );
    }
    return {
      ...optimiser,
      name: "sqil",
      options: task.record,

      // D_demo ← the expert's transitions, with reward 1.
      async init(problem: Problem, rng: Rng): Promise<OffPolicyState> {
        task.requireProblem(problem);
        const state = await optimiser.init(problem, rng);
        const transitions = demonstratedTransitions(demonstrations);
        const rewards = new Float64Array(transitions.count).fill(1);
        // In the absorbing state after the end of an episode the expert's reward stays 1.
        task.addAbsorbing(rewards, transitions.terminated, 1);
        const { id, observationSpace, actionSpace } = problem;
        state.demonstrations = new Replay({ id, observationSpace, actionSpace, count: 1 }, transitions.count);
        state.demonstrations.add({ ...transitions, rewards });
        return state;
      },

      // D_samp ← the learner's transitions, with reward 0. Each minibatch draws half of its rows from D_demo and
      // D_samp.
      update: (state: OffPolicyState): Promise<Metrics> =>
        optimiser.update(state, async (transitions) => {
          task.requireRollout(transitions);
          return new Float32Array(transitions.terminated.length);
        }),
    };
  },
});

/** The optimiser option, with `algorithm: "sac"` where options name no algorithm. */
const withDefault = (optimiser: z.output<typeof sqilSchema>["optimiser"]) =>
  typeof optimiser === "object" && !("algorithm" in optimiser) && !("init" in optimiser)
    ? { algorithm: "sac", ...optimiser }
    : optimiser;
