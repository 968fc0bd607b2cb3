/** @file AIRL: the policy's reward, the learnt reward, refused options, resumption. */

import { describe, expect, it } from "vitest";
import { scoreRows } from "../../../algorithms/imitation/adversarial/discriminator.js";
import { type AirlOptions, a2c, airl, dqn, ppo } from "../../../algorithms/index.js";
import type { PpoState } from "../../../algorithms/rl/ppo.js";
import { learnerRows } from "../../../algorithms/shared/transition-rows.js";
import { mean, train } from "../../../index.js";
import { demonstratedTransitions } from "../../../src/datasets/transitions.js";
import { problemOf } from "../../../src/env/problem.js";
import type { RewardSource } from "../../../src/learning/contract.js";
import type { Policy } from "../../../src/policies/contract.js";
import { createRng } from "../../../src/random/rng.js";
import type { Transitions } from "../../../src/rollout/transitions.js";
import { expectResumption, randomEpisodes, small, tiny } from "../../support/imitation.js";

const ENV = "CartPole-v1";

const demonstrations = await randomEpisodes(ENV, 6);
const pendulum = await randomEpisodes("Pendulum-v1", 1);

describe("AIRL", () => {
  /** An update of AIRL's learner: its rewards, and what they are made of. */
  async function learnt(options: Partial<AirlOptions>) {
    const inner = ppo(small);
    let given: { rewards: Float64Array; logProbs: Float32Array; rows: Transitions } | undefined;
    const optimiser = {
      ...inner,
      update: (state: PpoState, source?: RewardSource) =>
        inner.update(state, async (transitions) => {
          const { observations, actions } = transitions;
          const logProbs = await inner.policy(state).logProb(observations, actions);
          const rewards = Float64Array.from(await source!(transitions));
          given = { rewards, logProbs, rows: structuredClone(transitions) };
          return rewards;
        }),
    };
    const algorithm = airl({
      demonstrations,
      optimiser,
      discriminator: tiny,
      horizon: "variable",
      ...options,
    });
    const { state } = await train.run(algorithm, { env: ENV, steps: 128, seed: 0 });
    const { scores } = await scoreRows(
      state.live.discriminator,
      state.discriminator,
      learnerRows(given!.rows, false),
    );
    return { algorithm, state, scores, ...given! };
  }

  it("trains the policy on f − log π, and reports a reward that does not depend on the policy", async () => {
    const { algorithm, state, scores, rewards, logProbs } = await learnt({});
    for (let i = 0; i < scores.length; i++) expect(rewards[i]).toBeCloseTo(scores[i] - logProbs[i], 5);

    const rows = demonstratedTransitions(demonstrations);
    const before = Array.from(await algorithm.reward(state)(rows));
    const policy = state.optimiser as PpoState;
    policy.network.parameters = policy.network.parameters.map((x) => x + 1);
    expect(Array.from(await algorithm.reward(state)(rows))).toEqual(before);
    // Of the state alone: whatever was done there.
    const other = rows.actions.map((a) => 1 - a) as Int32Array;
    expect(Array.from(await algorithm.reward(state)({ ...rows, actions: other }))).toEqual(before);
  });

  it("scales only the deviation of the entropy term from its mean by entropyWeight", async () => {
    const { scores, rewards, logProbs } = await learnt({ entropyWeight: 0.25 });
    const usual = mean(logProbs);
    for (let i = 0; i < scores.length; i++) {
      expect(rewards[i]).toBeCloseTo(scores[i] - usual - 0.25 * (logProbs[i] - usual), 5);
    }
    expect(mean(rewards)).toBeCloseTo(mean(scores) - usual, 5);
    expect(() => airl({ demonstrations, entropyWeight: -1 })).toThrow(/entropyWeight/);
  });

  it("scores the executed (clipped) actions, and takes log-probabilities of the sampled ones", async () => {
    const inner = ppo({ ...small, initialLogStd: 2 });
    const asked: number[] = [];
    const watched = {
      ...inner,
      policy(state: PpoState) {
        const policy = inner.policy(state);
        const logProb: Policy["logProb"] = (observations, actions, memory) => {
          asked.push(Math.max(...Array.from(actions, Math.abs)));
          return policy.logProb(observations, actions, memory);
        };
        return Object.assign(Object.create(policy) as Policy, { logProb });
      },
    };
    const algorithm = airl({ demonstrations: pendulum, optimiser: watched, discriminator: tiny });
    await algorithm.update(await algorithm.init(await problemOf("Pendulum-v1"), createRng(0)));
    const [learner, expert, drawn] = asked;
    expect([learner, expert <= 2]).toEqual([2, true]);
    expect(drawn).toBeGreaterThan(2);
  });

  it("refuses optimisers whose policies have no density", () => {
    expect(() => airl({ demonstrations, optimiser: dqn() })).toThrow(/dqn's policy is greedy; use ppo/);
    expect(() => airl({ demonstrations, optimiser: ppo({ recurrentUnits: 8 }) })).toThrow(/with memory/);
  });
});

describe("AIRL resumes from a snapshot with identical results", () => {
  it("with a2c", async () => {
    await expectResumption(
      ENV,
      airl({ demonstrations, optimiser: a2c({ hidden: [8] }), discriminator: tiny }),
    );
  });

  it("with ppo and continuous actions", async () => {
    const options = { rewardInputs: "state-action" as const, discriminator: tiny };
    await expectResumption(
      "Pendulum-v1",
      airl({ demonstrations: pendulum, optimiser: ppo(small), ...options }),
    );
  });
});
