/** @file RL²: credit across the episodes of a trial, memory, and what learners of trials must not see. */

import { describe, expect, it } from "vitest";
import { milet, rl2, varibad } from "../../../algorithms/index.js";
import "../../../envs/index.js";
import { problemOf } from "../../../src/env/problem.js";
import type { Algorithm } from "../../../src/learning/contract.js";
import { evaluateTrials } from "../../../src/measure/evaluate-trials.js";
import type { Policy } from "../../../src/policies/contract.js";
import { createRng } from "../../../src/random/rng.js";
import { train } from "../../../src/runs/train.js";
import { restore, snapshot } from "../../../src/state/snapshot.js";
import { underSeeds } from "../../support/claim.js";
import { reveal } from "../../support/reveal.js";

const small = { environments: 64, hidden: [16], recurrentUnits: 16, normaliseRewards: false };
const returnOfTrials = async (policy: Policy, env: Parameters<typeof evaluateTrials>[1]["env"]) => {
  const { mean } = await evaluateTrials(policy, { env, trials: 64, seed: 1 });
  return mean.reduce((a, b) => a + b);
};

describe("RL²", () => {
  it("asks in the first episode, at a cost, for what pays in the second", async () => {
    const options = { ...small, learningRate: 3e-3, trialEnd: "terminal" as const, entropyCoefficient: 0.01 };
    // The same without credit for what comes later.
    const variants = { far: 0.95, blind: 0 };
    const { far, blind } = await underSeeds([0, 1], variants, async (discount, seed) => {
      const policy = await train(rl2({ ...options, discount }), { env: reveal, steps: 20_000, seed });
      return returnOfTrials(policy, reveal);
    });
    expect(Math.min(...far)).toBeGreaterThan(0.85);
    expect(Math.max(...blind)).toBeLessThan(0.4);
  });

  it("finds the better arm of a bandit within its pulls, by its memory", async () => {
    const env = { id: "BernoulliBandit-v0", options: { arms: 2, maxEpisodeSteps: 10 } };
    const options = { trialEnd: "terminal" as const, environments: 64, hidden: [16], recurrentUnits: 32 };
    const policy = await train(rl2({ ...options, learningRate: 2e-3 }), { env, steps: 100_000, seed: 0 });
    const score = async (player: Policy) =>
      (await evaluateTrials(player, { env, trials: 1024, seed: "pulls" })).mean[0];
    // The best possible return is 6.02, that of any fixed arm 5.
    expect(await score(policy)).toBeGreaterThan(5.65);
    const forgetful = {
      ...policy,
      ...{ observationSpace: policy.observationSpace, actionSpace: policy.actionSpace, view: policy.view },
      act: async (rows: Float32Array, { state: _, ...rest }: Parameters<Policy["act"]>[1]) => {
        const { state: __, ...result } = await policy.act(rows, rest);
        return result;
      },
    } as unknown as Policy;
    expect(await score(forgetful)).toBeLessThan(5.5);
  });
});

const learners: [string, () => Algorithm][] = [
  ["rl2", () => rl2({ environments: 4, hidden: [8], recurrentUnits: 8, epochs: 1, minibatches: 1 })],
  [
    "varibad",
    () =>
      varibad({
        environments: 4,
        hidden: [8],
        encoderUnits: 8,
        epochs: 1,
        minibatches: 1,
        vaeBatch: 4,
        warmUp: 0,
      }),
  ],
  [
    "milet",
    () =>
      milet({
        environments: 4,
        hidden: [8],
        encoderUnits: 8,
        epochs: 1,
        minibatches: 1,
        vaeBatch: 4,
        warmUp: 0,
        clusters: 2,
      }),
  ],
] as unknown as [string, () => Algorithm][];

describe.each(learners)("%s", (name, create) => {
  it("reads neither the task nor its cluster", async () => {
    const problem = await problemOf(() => reveal({ blind: true }));
    const learner = create();
    const state = await learner.init(problem, createRng(0));
    for (let k = 0; k < 3; k++) await learner.update(state);
    expect((await learner.update(state)).steps).toBe(4 * 4 * 4);
  });

  it("continues from a snapshot bit for bit", async () => {
    const problem = await problemOf(() => reveal());
    const learner = create();
    const whole = (await learner.init(problem, createRng(0))) as object;
    for (let k = 0; k < 2; k++) await learner.update(whole);
    const resumed = (await learner.init(problem, createRng(9))) as object;
    restore(resumed, snapshot(whole));
    for (let k = 0; k < 2; k++) expect(await learner.update(resumed)).toEqual(await learner.update(whole));
    expect(snapshot(resumed)).toEqual(snapshot(whole));
    // What is compiled is not part of it.
    expect(snapshot(whole)).not.toHaveProperty("live");
  });

  it("recomputes in training the log-probabilities with which it acted", async () => {
    const problem = await problemOf("PointGoal-v0");
    const learner = create();
    const state = (await learner.init(problem, createRng(0))) as object;
    const metrics = await learner.update(state);
    // One step on the whole rollout at the usual rate barely moves the policy; a wrong memory or row would.
    for (const [key, value] of Object.entries(metrics)) {
      if (/approximateKl/i.test(key)) expect(Math.abs(value)).toBeLessThan(0.02);
    }
  });

  it("refuses an environment that is one task", async () => {
    await expect(train(create(), { env: "CartPole-v1" })).rejects.toThrow(
      `${name} learns to adapt to the tasks of a family, but CartPole-v1 is one task`,
    );
  });
});

describe("learners of beliefs", () => {
  it("need an exploration and an exploitation episode for an exploration policy", async () => {
    const env = { id: "PointGoal-v0", options: { episodesPerTask: 1 } };
    await expect(train(milet(), { env })).rejects.toThrow(
      "set the environment's option episodesPerTask to 2 or more",
    );
  });

  it("refuse a Bernoulli decoder for other observations and rewards", async () => {
    const options = { decoder: { reward: "bernoulli" as const }, environments: 4, warmUp: 0 };
    await expect(train(varibad(options), { env: "PointGoal-v0" })).rejects.toThrow(
      'use "squared" in PointGoal-v0',
    );
    await expect(train(varibad(options), { env: reveal, steps: 100 })).rejects.toThrow("this one paid");
  });
});
