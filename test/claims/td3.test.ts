/** @file TD3 learns, beside a control. */

import { describe, expect, it } from "vitest";
import { td3 } from "../../algorithms/index.js";
import { evaluate, train } from "../../index.js";
import { underSeeds } from "../support/claim.js";
import { target } from "../support/environments.js";

describe("td3", () => {
  it("swings Pendulum-v1 up after 5000 steps, at least −250, and not with a discount of 0", async () => {
    const env = "Pendulum-v1";
    const options = {
      hidden: [64, 64],
      learningRate: 1e-3,
      learningStarts: 500,
      minibatchSize: 64,
      tau: 0.01,
    };
    // Who counts the next step only never swings back to gain speed.
    const { far, blind } = await underSeeds([0], { far: 0.98, blind: 0 }, async (discount, seed) => {
      const policy = await train(td3({ ...options, discount }), { env, steps: 5000, seed });
      return (await evaluate(policy, { env, episodes: 30, seed: 100 + seed })).mean;
    });
    expect(Math.min(...far)).toBeGreaterThan(-250);
    expect(Math.max(...blind)).toBeLessThan(-600);
  }, 480_000);

  it("finds the action of the one-step problem −(a − 0.7)², and not with the sign reversed", async () => {
    const { found, reversed } = await underSeeds([0, 1], { found: 1, reversed: -1 }, async (sign, seed) => {
      const options = {
        environments: 4,
        hidden: [32, 32],
        minibatchSize: 64,
        learningRate: 3e-3,
        learningStarts: 100,
        gradientSteps: 16,
      };
      const policy = await train(td3(options), { env: () => target({ goal: 0.7, sign }), steps: 3000, seed });
      return (await evaluate(policy, { env: () => target({ goal: 0.7 }), episodes: 16, seed })).mean;
    });
    // The optimum is 0.
    expect(Math.min(...found)).toBeGreaterThan(-0.01);
    expect(Math.max(...reversed)).toBeLessThan(-0.1);
  });
});
