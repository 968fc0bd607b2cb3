/** @file PPO learns, beside controls. More seeds are in docs/evidence/reinforcement-learning.md. */

import { describe, expect, it } from "vitest";
import { ppo } from "../../algorithms/index.js";
import type { PpoOptions } from "../../algorithms/rl/ppo.js";
import { evaluate, train } from "../../index.js";
import { underSeeds } from "../support/claim.js";
import { target } from "../support/environments.js";
import { recall } from "../support/recall.js";

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const SEEDS = [0, 1, 2];

describe("ppo on CartPole-v1", () => {
  const env = "CartPole-v1";
  const steps = 30_000;

  it("reaches over 400 of 500 in the median of 3 seeds, and does not with a discount of 0", async () => {
    // With a discount of 0 every step is worth 1, whatever is done.
    const variants: Record<"far" | "blind", PpoOptions> = { far: {}, blind: { discount: 0 } };
    const { far, blind } = await underSeeds(SEEDS, variants, async (options, seed) => {
      const policy = await train(ppo(options), { env, steps, seed });
      return (await evaluate(policy, { env, episodes: 20, seed: 100 + seed })).mean;
    });
    expect(median(far)).toBeGreaterThan(400);
    expect(median(blind)).toBeLessThan(100);
  });
});

describe("ppo with continuous actions", () => {
  it("finds the action of the one-step problem −(a − 0.7)², and not with the sign reversed", async () => {
    const { found, reversed } = await underSeeds(SEEDS, { found: 1, reversed: -1 }, async (sign, seed) => {
      const options = { environments: 16, rolloutSteps: 16, minibatchSize: 64, epochs: 10, discount: 0.9 };
      const policy = await train(ppo(options), {
        env: () => target({ goal: 0.7, sign }),
        steps: 12_000,
        seed,
      });
      return (await evaluate(policy, { env: () => target({ goal: 0.7 }), episodes: 16, seed })).mean;
    });
    // The optimum is 0.
    expect(median(found)).toBeGreaterThan(-0.01);
    expect(median(reversed)).toBeLessThan(-0.1);
  });
});

describe("ppo with memory", () => {
  it("repeats a cue for all of 6 steps, and without its memory for the first only", async () => {
    const variants = { remembering: 16, forgetful: undefined };
    const { remembering, forgetful } = await underSeeds(SEEDS, variants, async (recurrentUnits, seed) => {
      const env = () => recall({ length: 6 });
      const batches = { environments: 32, rolloutSteps: 12, minibatchSize: 192, epochs: 6 };
      const options = { ...batches, recurrentUnits, hidden: [16], learningRate: 5e-3 };
      const policy = await train(ppo(options), { env, steps: 8000, seed });
      return (await evaluate(policy, { env, episodes: 50, seed })).mean;
    });
    expect(median(remembering)).toBeGreaterThan(5.9);
    // The first, and half of the others by chance.
    expect(median(forgetful)).toBeLessThan(4.5);
  });
});
