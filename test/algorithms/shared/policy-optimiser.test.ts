/** @file Policy optimisers under learnt rewards, and the option `optimiser`. */

import { beforeAll, describe, expect, it } from "vitest";
import { a2c, algorithmFor, dqn, gail, ppo, sac, tuned } from "../../../algorithms/index.js";
import { dqnSchema } from "../../../algorithms/rl/dqn.js";
import { optimiserConfig, optimiserOf } from "../../../algorithms/shared/policy-optimiser.js";
import type { Demonstrations } from "../../../index.js";
import { problemOf } from "../../../src/env/problem.js";
import { createRng } from "../../../src/random/rng.js";
import { randomEpisodes, small } from "../../support/imitation.js";

const ENV = "CartPole-v1";

let demonstrations: Demonstrations;

beforeAll(async () => {
  demonstrations = await randomEpisodes(ENV, 6);
});

describe("a policy optimiser with a reward source", () => {
  it("learns the same, bit for bit, if the source returns the environment's rewards", async () => {
    const problem = await problemOf(ENV);
    const learner = ppo({ ...small, normaliseObservations: true });
    const [plain, replaced] = [
      await learner.init(problem, createRng(1)),
      await learner.init(problem, createRng(1)),
    ];
    for (let i = 0; i < 3; i++) {
      const own = await learner.update(plain);
      // On CartPole every step is rewarded with 1.
      const other = await learner.update(replaced, async ({ terminated }) => terminated.map(() => 1));
      expect(other).toEqual(own);
    }
    expect(replaced.network.parameters).toEqual(plain.network.parameters);
  });

  it("learns other parameters from other rewards, and still reports the environment's returns", async () => {
    const problem = await problemOf(ENV);
    const learner = ppo(small);
    const [plain, replaced] = [
      await learner.init(problem, createRng(1)),
      await learner.init(problem, createRng(1)),
    ];
    const own = await learner.update(plain);
    const other = await learner.update(replaced, async ({ actions }) => Float32Array.from(actions));
    expect(other.return).toBe(own.return);
    expect(replaced.network.parameters).not.toEqual(plain.network.parameters);
  });

  it("stores single steps if it is DQN, for rewards that are summed at storing would stay what they were", () => {
    expect(dqnSchema.parse({}).nStep).toBeGreaterThan(1);
    expect(optimiserOf("gail", "dqn").options.nStep).toBe(1);
  });

  it("applies a large reward of a termination in full", async () => {
    const learner = ppo({ ...small, rolloutSteps: 64, normaliseRewards: true });
    const state = await learner.init(await problemOf(ENV), createRng(1));
    await learner.update(state, async ({ terminated }) => {
      const rewards = new Float64Array(terminated.length);
      rewards[rewards.length - 1] = -1000;
      return rewards;
    });
    // The deviation of 256 returns of which one is −1000 and the others 0 is 1000 / 16.
    expect(Math.min(...state.live.rollout.rewards)).toBeLessThan(-15);
  });

  it("requests rewards with raw observations, and with the true final observations", async () => {
    const problem = await problemOf(ENV);
    const learner = ppo({ ...small, normaliseObservations: true });
    const state = await learner.init(problem, createRng(1));
    let endings = 0;
    await learner.update(state, async (transitions) => {
      const { observations, nextObservations, terminated, truncated, environments } = transitions;
      expect(environments).toBe(4);
      expect(observations.length).toBe(4 * 16 * 4);
      for (let k = 0; k < 60; k++) {
        const ended = terminated[k] || truncated![k];
        const [next, following] = [
          nextObservations.subarray(k * 4, k * 4 + 4),
          observations.subarray((k + 4) * 4, (k + 4) * 4 + 4),
        ];
        if (ended) {
          endings++;
          // Out of bounds, and so not the first observation of another episode.
          expect(Math.abs(next[2]) > 0.2 || Math.abs(next[0]) > 2.4).toBe(true);
          expect(next).not.toEqual(following);
        } else expect(next).toEqual(following);
        // x moves with the velocity of before: raw numbers, not normalised ones.
        expect(next[0]).toBeCloseTo(observations[k * 4] + 0.02 * observations[k * 4 + 1], 5);
      }
      return new Float32Array(64);
    });
    expect(endings).toBeGreaterThan(0);
  });
});

describe("the option optimiser", () => {
  it("accepts a learner, a name, or a name with options, and records a name with options", () => {
    const learner = ppo(small);
    expect(optimiserOf("gail", learner)).toBe(learner);
    expect(optimiserOf("gail", "a2c").name).toBe("a2c");
    expect(optimiserOf("gail", { discount: 0.5 }).name).toBe("ppo");
    for (const made of [ppo(small), a2c(), sac({ hidden: [8] }), dqn({ nStep: 1 })]) {
      const again = optimiserOf("gail", optimiserConfig(made));
      expect([again.name, again.options]).toEqual([made.name, made.options]);
    }
    expect(gail({ demonstrations, optimiser: { algorithm: "sac", tau: 0.1 } }).options).toMatchObject({
      optimiser: { algorithm: "sac", tau: 0.1 },
    });
  });

  it("refuses an unknown name, and names the nearest known one", () => {
    expect(() => optimiserOf("gail", { algorithm: "pppo" })).toThrow(
      /unknown policy optimiser "pppo"; did you mean "ppo"/,
    );
    expect(() => gail({ demonstrations, optimiser: { clipp: 1 } })).toThrow(/ppo: unknown option "clipp"/);
    expect(() => gail({ demonstrations, optimiser: 3 as unknown as string })).toThrow(
      /option "optimiser" is 3/,
    );
  });

  it("uses the settings that are tuned for the environment", () => {
    const { optimiser } = algorithmFor("gail", ENV, { demonstrations }).options;
    expect(optimiser).toMatchObject(tuned("gail", ENV)!.options.optimiser as object);
    expect(tuned("gail", "Unheard-v0")).toBeUndefined();
  });
});
