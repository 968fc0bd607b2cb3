/** @file DAgger reaches the expert where the errors of a clone compound, from fewer labels. With controls that fail. */

import { beforeAll, describe, expect, it } from "vitest";
import { bc, dagger, type Labeller, valueIteration } from "../../algorithms/index.js";
import { laneKeeper } from "../../envs/index.js";
import { collect, compare, evaluate, train } from "../../index.js";
import type { Policy } from "../../src/policies/contract.js";
import { createRng } from "../../src/random/rng.js";

const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;

describe("driving on a road with demonstrations that never leave the lane", () => {
  const env = "LaneKeeping-v0";
  const expert = laneKeeper();
  const settings = { hidden: [32], learningRate: 3e-3, loss: "squared-error" as const, epochs: 10 };
  const SEEDS = [0, 1, 2, 3, 4, 5];
  const interactive = { ...settings, rounds: 5, roundSteps: 100 };
  /** Of 200, the expert's return. */
  const score = async (policy: Policy) => (await evaluate(policy, { env, episodes: 20, seed: 9 })).mean / 200;

  it("the expert keeps the lane in every step", async () => {
    expect(await score(expert)).toBeCloseTo(1, 6);
  });

  it("clones of 4000 labels leave the road under some seeds", async () => {
    const scores = [];
    for (const seed of SEEDS) {
      const demonstrations = await collect(expert, { env, episodes: 20, seed, deterministic: true });
      scores.push(await score(await train(bc({ ...settings, demonstrations }), { env, seed })));
    }
    expect(Math.min(...scores)).toBeLessThan(0.6);
    expect(mean(scores)).toBeLessThan(0.9);
  });

  it("DAgger with 500 labels keeps the lane under every seed", async () => {
    for (const seed of SEEDS) {
      const { policy, state } = await train.run(dagger({ ...interactive, expert }), { env, seed });
      expect(state.book.answered).toBe(500);
      expect(await score(policy)).toBeGreaterThan(0.99);
    }
  });

  it("DAgger with a fused policy per round keeps the lane in over 0.95 of the steps", async () => {
    for (const seed of SEEDS.slice(0, 3)) {
      const fused = await train(dagger({ ...interactive, expert, combine: "fuse" }), { env, seed });
      expect(await score(fused)).toBeGreaterThan(0.95);
    }
  });

  it("DAgger with random labels does not keep the lane", async () => {
    const rng = createRng("random labels");
    const labeller: Labeller = {
      kind: "random",
      async *label({ queries }) {
        yield queries.map(({ id }) => ({ id, action: [2 * rng.uniform() - 1] }));
      },
    };
    const scores = [];
    for (const seed of SEEDS.slice(0, 3)) {
      scores.push(await score(await train(dagger({ ...interactive, labeller }), { env, seed })));
    }
    expect(mean(scores)).toBeLessThan(0.5);
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
