/** @file The end of an episode under a learnt reward: the absorbing state, and episodes of equal length. */

import { describe, expect, it } from "vitest";
import { scoreRows } from "../../../algorithms/imitation/adversarial/discriminator.js";
import { airl, density, dqn, gail, ppo, sqil } from "../../../algorithms/index.js";
import { addAbsorbingBonus } from "../../../algorithms/shared/horizon.js";
import { learnerRows } from "../../../algorithms/shared/transition-rows.js";
import { train } from "../../../index.js";
import { demonstratedTransitions } from "../../../src/datasets/transitions.js";
import { problemOf } from "../../../src/env/problem.js";
import { tabularEnvironment } from "../../../src/env/tabular-environment.js";
import { tabularModel } from "../../../src/mdp/index.js";
import { createRng } from "../../../src/random/rng.js";
import { randomEpisodes, small, tiny } from "../../support/imitation.js";

const ENV = "CartPole-v1";

/** Enough to learn whether to end an episode, for a reason; without one, the entropy says. */
const choosing = {
  environments: 16,
  rolloutSteps: 32,
  minibatchSize: 128,
  epochs: 4,
  hidden: [],
  learningRate: 0.02,
  gaeLambda: 1,
  normaliseAdvantages: false as const,
  entropyCoefficient: 0.05,
};

const demonstrations = await randomEpisodes(ENV, 6);
const pendulum = await randomEpisodes("Pendulum-v1", 1);

describe("the absorbing state", () => {
  it("makes every return r / (1 − γ) under a constant reward r, for every episode length", () => {
    const discount = 0.9;
    const returns = (steps: number, reward: number) => {
      const rewards = new Float64Array(steps).fill(reward);
      const terminated = new Uint8Array(steps);
      terminated[steps - 1] = 1;
      addAbsorbingBonus(rewards, terminated, reward, discount);
      return rewards.reduceRight((sum, r) => r + discount * sum, 0);
    };
    for (const reward of [-2, 0.7]) {
      for (const steps of [1, 3, 50]) expect(returns(steps, reward)).toBeCloseTo(reward / (1 - discount), 10);
    }
  });

  it("makes termination neutral under a constant reward; without it, episodes end at once or never", async () => {
    const model = tabularModel({
      states: 2,
      actions: 2,
      transitions: (state, action) => [{ next: action === 0 ? 1 : state, probability: 1 }],
      initial: 0,
      terminal: [1],
      discount: 0.9,
    });
    const problem = await problemOf(() => tabularEnvironment("EndOrNot", model, { maxEpisodeSteps: 20 }));
    /** The probability of ending that PPO learns. */
    const ends = async (reward: number, horizon: "absorbing" | "variable") => {
      const learner = ppo({ ...choosing, discount: 0.9 });
      const state = await learner.init(problem, createRng(0));
      for (let k = 0; k < 40; k++) {
        await learner.update(state, async ({ terminated }) => {
          const rewards = new Float64Array(terminated.length).fill(reward);
          if (horizon === "absorbing") addAbsorbingBonus(rewards, terminated, reward, 0.9);
          return rewards;
        });
      }
      return (await learner.policy(state).probabilities!(Float32Array.of(0)))[0];
    };
    for (const reward of [1, -1]) {
      const indifferent = await ends(reward, "absorbing");
      expect(indifferent).toBeGreaterThan(0.3);
      expect(indifferent).toBeLessThan(0.7);
    }
    expect(await ends(1, "variable")).toBeLessThan(0.1);
    expect(await ends(-1, "variable")).toBeGreaterThan(0.9);
  });

  it("adds γ / (1 − γ) times its reward to each terminating step, and nothing to other steps", async () => {
    const algorithm = gail({
      demonstrations,
      optimiser: ppo({ ...small, discount: 0.9 }),
      discriminator: tiny,
    });
    const { state } = await train.run(algorithm, { env: ENV, steps: 128, seed: 0 });
    const rows = demonstratedTransitions(demonstrations);
    const reward = algorithm.reward(state);
    const [ended, endless] = [
      await reward(rows),
      await reward({ ...rows, terminated: new Uint8Array(rows.count) }),
    ];
    const { absorbing } = await scoreRows(
      state.live.discriminator,
      state.discriminator,
      learnerRows(rows, true),
    );
    expect(rows.terminated.includes(1)).toBe(true);
    for (let i = 0; i < rows.count; i++) {
      expect(ended[i] - endless[i]).toBeCloseTo(rows.terminated[i] ? 9 * absorbing : 0, 6);
    }
  });

  it("refuses a discount of 1", () => {
    const optimiser = ppo({ discount: 1 });
    expect(() => gail({ demonstrations, optimiser })).toThrow(/discount is 1/);
    expect(() => density({ demonstrations, optimiser })).toThrow(/discount is 1/);
    expect(() => sqil({ demonstrations, optimiser: dqn({ discount: 1, nStep: 1 }) })).toThrow(
      /discount is 1/,
    );
  });
});

describe("episodes of different lengths", () => {
  const fixed = { horizon: "fixed" as const, optimiser: ppo(small) };

  it("are refused with `horizon: fixed`, in demonstrations and in the learner's rollouts", async () => {
    expect(() => gail({ demonstrations, ...fixed })).toThrow(
      /demonstration 0 has \d+ steps, and demonstration/,
    );
    const one = { ...demonstrations, trajectories: demonstrations.trajectories.slice(0, 1) };
    expect(() => airl({ demonstrations: one, ...fixed })).toThrow(/demonstration 0 ended before/);
    const cut = one.trajectories.map((x) => ({ ...x, terminated: false, truncated: true }));
    const algorithm = gail({ demonstrations: { ...one, trajectories: cut }, ...fixed, discriminator: tiny });
    await expect(train(algorithm, { env: ENV, steps: 64 })).rejects.toThrow(
      /an episode of the learner ended before the time limit.*horizon: "variable"/,
    );
  });

  it.each([
    "fixed",
    "absorbing",
  ] as const)("are not checked without demonstrations: the error names the missing actions, under horizon %s", (horizon) => {
    const none = { demonstrations: { ...demonstrations, trajectories: [] }, horizon };
    const message = /no (demonstrated actions|action) to learn from/;
    for (const learner of [gail, airl, density]) {
      expect(() => learner({ ...none, optimiser: ppo(small) })).toThrow(message);
    }
    expect(() => sqil({ ...none, optimiser: dqn({ nStep: 1 }) })).toThrow(message);
  });

  it("are accepted if all reach the time limit, or with `horizon: variable`", async () => {
    const algorithm = gail({ demonstrations: pendulum, ...fixed, discriminator: tiny });
    await train(algorithm, { env: "Pendulum-v1", steps: 64 });
    const asked = gail({ demonstrations, ...fixed, horizon: "variable", discriminator: tiny });
    await train(asked, { env: ENV, steps: 64 });
  });
});
