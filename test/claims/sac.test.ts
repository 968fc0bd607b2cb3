/** @file SAC learns, beside controls. More seeds are in docs/evidence/reinforcement-learning.md. */

import { describe, expect, it } from "vitest";
import { sac } from "../../algorithms/index.js";
import { evaluate, train } from "../../index.js";
import type { Environment } from "../../src/env/contracts.js";
import { createRng, type Rng } from "../../src/random/rng.js";
import { discrete } from "../../src/spaces/index.js";
import { underSeeds } from "../support/claim.js";
import { target } from "../support/environments.js";

const SEEDS = [0, 1];

describe("sac on Pendulum-v1", () => {
  const env = "Pendulum-v1";

  it("swings up after 6000 steps, with a return of at least −200, and not with a discount of 0", async () => {
    const options = {
      hidden: [64, 64],
      learningRate: 1e-3,
      learningStarts: 500,
      minibatchSize: 64,
      tau: 0.01,
    };
    // Who counts the next step only never swings back to gain speed.
    const { far, blind } = await underSeeds([0], { far: 0.98, blind: 0 }, async (discount, seed) => {
      const policy = await train(sac({ ...options, discount }), { env, steps: 6000, seed });
      return (await evaluate(policy, { env, episodes: 30, seed: 100 + seed })).mean;
    });
    expect(Math.min(...far)).toBeGreaterThan(-200);
    expect(Math.max(...blind)).toBeLessThan(-600);
  }, 480_000);
});

describe("sac with continuous actions", () => {
  it("finds the action of the one-step problem −(a − 0.7)², and not with the sign reversed", async () => {
    const { found, reversed } = await underSeeds(SEEDS, { found: 1, reversed: -1 }, async (sign, seed) => {
      const options = {
        environments: 4,
        hidden: [32, 32],
        minibatchSize: 64,
        learningRate: 3e-3,
        learningStarts: 100,
        gradientSteps: 16,
      };
      const policy = await train(sac(options), { env: () => target({ goal: 0.7, sign }), steps: 3000, seed });
      const played = { env: () => target({ goal: 0.7 }), episodes: 16, seed, deterministic: true };
      return (await evaluate(policy, played)).mean;
    });
    // The optimum is 0.
    expect(Math.min(...found)).toBeGreaterThan(-0.01);
    expect(Math.max(...reversed)).toBeLessThan(-0.1);
  });
});

/** Eight steps of naming what is seen: reward 1 when the action is the observation, or, swapped, when it is not. */
function identity({ swapped = false } = {}): Environment {
  const n = 4;
  let rng = createRng(0);
  let [seen, steps] = [0, 0];
  return {
    id: "Identity",
    observationSpace: discrete(n),
    actionSpace: discrete(n),
    reset({ seed } = {}) {
      if (seed !== undefined) rng = createRng(seed);
      [seen, steps] = [rng.integer(n), 0];
      return { observation: seen, info: {} };
    },
    step(action) {
      const reward = Number((action === seen) !== swapped);
      [seen, steps] = [rng.integer(n), steps + 1];
      return { observation: seen, reward, terminated: false, truncated: steps === 8, info: {} };
    },
    getState: () => ({ seen, steps, rng: { ...rng.getState() } }),
    setState(state) {
      const saved = state as unknown as { seen: number; steps: number; rng: ReturnType<Rng["getState"]> };
      [seen, steps] = [saved.seen, saved.steps];
      rng.setState(saved.rng);
    },
  };
}

describe("sac with discrete actions", () => {
  it("learns the correct action for 8 of 8 observations, and not if the rewards are for others", async () => {
    const { own, others } = await underSeeds(SEEDS, { own: false, others: true }, async (swapped, seed) => {
      const options = {
        hidden: [16],
        minibatchSize: 64,
        learningRate: 3e-3,
        learningStarts: 100,
        discount: 0.9,
        gradientSteps: 32,
        nStep: 2,
      };
      const policy = await train(sac(options), { env: () => identity({ swapped }), steps: 2000, seed });
      const played = { env: () => identity(), episodes: 20, seed, deterministic: true };
      return (await evaluate(policy, played)).mean;
    });
    expect(own).toEqual([8, 8]);
    expect(Math.max(...others)).toBeLessThan(1);
  });
});
