/** @file PPO learns. Thresholds over seeds, each with a control that fails. */

import { describe, expect, it } from "vitest";
import { ppo } from "../../algorithms/index.js";
import { evaluate, train } from "../../index.js";
import { target } from "../support/environments.js";
import { recall } from "../support/recall.js";

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

describe("ppo on CartPole-v1", () => {
  const score = async (seed: number, steps: number) => {
    const policy = await train(ppo(), { env: "CartPole-v1", steps, seed });
    return (await evaluate(policy, { env: "CartPole-v1", episodes: 20, seed: 100 + seed })).mean;
  };

  it("reaches 500 of 500 after 50 000 steps in the median of 5 seeds", async () => {
    const scores = [];
    for (let seed = 0; seed < 5; seed++) scores.push(await score(seed, 50_000));
    expect(median(scores)).toBe(500);
  });

  it("stays low after a single update", async () => {
    const scores = [];
    for (let seed = 0; seed < 5; seed++) scores.push(await score(seed, 1));
    expect(median(scores)).toBeLessThan(300);
  });
});

describe("ppo with continuous actions", () => {
  const score = async (sign: number, seed: number) => {
    const env = () => target({ goal: 0.7, sign });
    const options = { environments: 16, rolloutSteps: 16, minibatchSize: 64, epochs: 10, discount: 0.9 };
    const policy = await train(ppo(options), { env, steps: 12_000, seed });
    return (await evaluate(policy, { env, episodes: 16, seed })).mean;
  };

  it("finds the action of the one-step problem −(a − 0.7)², whose optimum is 0", async () => {
    expect(median([await score(1, 0), await score(1, 1), await score(1, 2)])).toBeGreaterThan(-0.01);
  });

  it("does not find it with the sign of the reward reversed", async () => {
    expect(median([await score(-1, 0), await score(-1, 1), await score(-1, 2)])).toBeGreaterThan(0.1);
  });
});

describe("ppo with memory", () => {
  const score = async (recurrentUnits: number | undefined, seed: number) => {
    const env = () => recall({ length: 6 });
    const batches = { environments: 32, rolloutSteps: 12, minibatchSize: 192, epochs: 6 };
    const options = { ...batches, recurrentUnits, hidden: [16], learningRate: 5e-3 };
    const policy = await train(ppo(options), { env, steps: 8000, seed });
    return (await evaluate(policy, { env, episodes: 50, seed })).mean;
  };

  it("repeats a cue from the start of the episode for all of 6 steps", async () => {
    expect(median([await score(16, 0), await score(16, 1), await score(16, 2)])).toBeGreaterThan(5.9);
  });

  it("needs its memory: without it, only the first step is above chance", async () => {
    expect(
      median([await score(undefined, 0), await score(undefined, 1), await score(undefined, 2)]),
    ).toBeLessThan(4.5);
  });
});
