/** @file DAgger reaches the expert where the errors of a clone compound, from fewer labels. With controls that fail. */

import { beforeAll, describe, expect, it } from "vitest";
import { bc, dagger, type Labeller, valueIteration } from "../../algorithms/index.js";
import { laneKeeper } from "../../envs/index.js";
import { collect, compare, evaluate, mean, train } from "../../index.js";
import type { Policy } from "../../src/policies/contract.js";
import { createRng } from "../../src/random/rng.js";
import { underSeeds } from "../support/claim.js";

describe("driving on a road with demonstrations that never leave the lane", () => {
  const env = "LaneKeeping-v0";
  const expert = laneKeeper();
  const settings = { hidden: [32], learningRate: 3e-3, loss: "squared-error" as const, epochs: 10 };
  const SEEDS = [0, 1, 2, 3, 4, 5];
  const interactive = { ...settings, rounds: 5, roundSteps: 100 };
  /** Of 200, the expert's return. */
  const score = async (policy: Policy, seed: number) =>
    (await evaluate(policy, { env, episodes: 20, seed: `score/${seed}` })).mean / 200;

  it("the expert keeps the lane in every step", async () => {
    expect(await score(expert, 0)).toBeCloseTo(1, 6);
  });

  it("clones of 4000 labels leave the road under some seeds", async () => {
    const scores = [];
    for (const seed of SEEDS) {
      const demonstrations = await collect(expert, { env, episodes: 20, seed, deterministic: true });
      scores.push(await score(await train(bc({ ...settings, demonstrations }), { env, seed }), seed));
    }
    expect(Math.min(...scores)).toBeLessThan(0.6);
    expect(mean(scores)).toBeLessThan(0.9);
  });

  const rng = createRng("random labels");
  const labeller: Labeller = {
    kind: "random",
    async *label({ queries }) {
      yield queries.map(({ id }) => ({ id, action: [2 * rng.uniform() - 1] }));
    },
  };
  it.each([
    ["", SEEDS, {}, 0.99],
    [" and a fused policy per round", SEEDS.slice(0, 3), { combine: "fuse" }, 0.95],
  ] as const)("DAgger with 500 labels%s keeps the lane under every seed, not with random labels", async (...given) => {
    const [, seeds, options, least] = given;
    const { shown, random } = await underSeeds(
      seeds,
      { shown: { expert }, random: { labeller } },
      async (source, seed) => {
        const algorithm = dagger({ ...interactive, ...options, ...source });
        const { policy, state } = await train.run(algorithm, { env, seed });
        expect(state.book.answered).toBe(500);
        return score(policy, seed);
      },
    );
    expect(Math.min(...shown)).toBeGreaterThan(least);
    expect(mean(random)).toBeLessThan(0.5);
  });
});

describe("a corridor with states that the expert rarely visits", () => {
  const env = "Corridor-v0";
  const settings = { hidden: [], learningRate: 0.3, minibatchSize: 64 };
  let expert: Policy;
  beforeAll(async () => {
    expert = await train(valueIteration(), { env });
  });

  it("DAgger is closer to the expert than behaviour cloning with twice as many labels", async () => {
    const gaps: Record<"bc" | "dagger", number[]> = { bc: [], dagger: [] };
    for (const seed of [0, 1, 2, 3, 4]) {
      const demonstrations = await collect(expert, { env, episodes: 20, seed, deterministic: true });
      const labels = demonstrations.trajectories.reduce((sum, { rewards }) => sum + rewards.length, 0);
      const rounds = 20;
      const learners = {
        bc: bc({ ...settings, demonstrations, epochs: 30 }),
        dagger: dagger({
          ...settings,
          expert,
          rounds,
          roundSteps: Math.floor(labels / 2 / rounds),
          epochs: 10,
        }),
      };
      for (const method of ["bc", "dagger"] as const) {
        const learner = await train<object>(learners[method], { env, seed });
        gaps[method].push((await compare(expert, learner, { env, seed, sampled: false })).exact!.gap);
      }
    }
    expect(mean(gaps.dagger)).toBeLessThan(mean(gaps.bc) / 1.5);
  });
});
