/** @file SAC learns. Thresholds, each with a control that fails. */

import { describe, expect, it } from "vitest";
import { sac } from "../../algorithms/index.js";
import { evaluate, train } from "../../index.js";
import type { Environment } from "../../src/env/contracts.js";
import { createRng, type Rng } from "../../src/random/rng.js";
import { discrete } from "../../src/spaces/index.js";
import { target } from "../support/environments.js";

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

describe("sac on Pendulum-v1", () => {
  const options = {
    hidden: [64, 64],
    learningRate: 1e-3,
    learningStarts: 500,
    minibatchSize: 64,
    discount: 0.98,
    tau: 0.01,
  };
  const score = async (steps: number) => {
    const policy = await train(sac(options), { env: "Pendulum-v1", steps, seed: 0 });
    return (await evaluate(policy, { env: "Pendulum-v1", episodes: 30, seed: 100 })).mean;
  };

  it("swings up and balances after 6000 steps: a return of at least −200", { timeout: 120_000 }, async () => {
    expect(await score(6000)).toBeGreaterThan(-200);
  });

  it("stays low when learning has just started", async () => {
    expect(await score(640)).toBeLessThan(-600);
  });
});

describe("sac with continuous actions", () => {
  const score = async (sign: number, seed: number) => {
    const env = () => target({ goal: 0.7, sign });
    const options = {
      environments: 4,
      hidden: [32, 32],
      minibatchSize: 64,
      learningRate: 3e-3,
      learningStarts: 100,
      gradientSteps: 16,
    };
    const policy = await train(sac(options), { env, steps: 3000, seed });
    return (await evaluate(policy, { env, episodes: 16, seed, deterministic: true })).mean;
  };

  it("finds the action of the one-step problem −(a − 0.7)², whose optimum is 0", async () => {
    expect(median([await score(1, 0), await score(1, 1), await score(1, 2)])).toBeGreaterThan(-0.01);
  });

  it("does not find it with the sign of the reward reversed", async () => {
    expect(await score(-1, 0)).toBeGreaterThan(0.1);
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
  const score = async (swapped: boolean, seed: number) => {
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
    return (await evaluate(policy, { env: () => identity(), episodes: 20, seed, deterministic: true })).mean;
  };

  it("learns the correct action for 8 of 8 observations", async () => {
    expect(median([await score(false, 0), await score(false, 1), await score(false, 2)])).toBe(8);
  });

  it("does not if the rewards are for other actions", async () => {
    expect(await score(true, 0)).toBeLessThan(1);
  });
});
