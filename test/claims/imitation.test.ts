/** @file Behaviour cloning and DAgger learn. Thresholds over seeds, each with a control that fails. */

import { beforeAll, describe, expect, it } from "vitest";
import { bc, dagger, ppo, valueIteration } from "../../algorithms/index.js";
import { collect, compare, type Demonstrations, evaluate, train } from "../../index.js";
import type { Policy } from "../../src/policies/contract.js";
import { createRng } from "../../src/random/rng.js";

const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
const SEEDS = [0, 1, 2, 3, 4];

describe("imitating a CartPole expert", () => {
  const env = "CartPole-v1";
  let expert: Policy;
  let demonstrations: Demonstrations;
  let best: number;
  beforeAll(async () => {
    expert = await train(ppo(), { env, steps: 50_000, seed: 0 });
    demonstrations = await collect(expert, { env, episodes: 10, seed: 1, deterministic: true });
    best = (await evaluate(expert, { env, episodes: 50, seed: 2 })).mean;
  }, 60_000);

  const score = async (policy: Policy) =>
    (await evaluate(policy, { env, episodes: 50, seed: 2 })).mean / best;

  it("behaviour cloning from 10 episodes reaches 0.95 of the expert", async () => {
    const scores = [];
    for (const seed of SEEDS)
      scores.push(await score(await train(bc({ demonstrations, epochs: 10 }), { env, seed })));
    expect(mean(scores)).toBeGreaterThanOrEqual(0.95);
  });

  it("behaviour cloning of shuffled actions on the same states does not", async () => {
    const rng = createRng("shuffle");
    const trajectories = demonstrations.trajectories.map((trajectory) => ({
      ...trajectory,
      actions: rng.shuffle(Int32Array.from(trajectory.actions)),
    }));
    const control = bc({ demonstrations: { ...demonstrations, trajectories }, epochs: 10 });
    expect(await score(await train(control, { env, seed: 0 }))).toBeLessThan(0.5);
  });

  it("DAgger with the same number of labels reaches 0.95 of the expert", async () => {
    const scores = [];
    for (const seed of SEEDS) {
      scores.push(
        await score(await train(dagger({ expert, rounds: 10, roundSteps: 500, epochs: 4 }), { env, seed })),
      );
    }
    expect(mean(scores)).toBeGreaterThanOrEqual(0.95);
  });

  it("DAgger with a random expert does not", async () => {
    const random: Policy = {
      ...expert,
      observationSpace: expert.observationSpace,
      actionSpace: expert.actionSpace,
      toData: () => expert.toData(),
      logProb: (observations, actions) => expert.logProb(observations, actions),
      act: async (observations, { rng }) => ({
        actions: Int32Array.from({ length: observations.length / 4 }, () => rng!.integer(2)),
      }),
    };
    const learner = await train(dagger({ expert: random, rounds: 4, roundSteps: 500, epochs: 4 }), {
      env,
      seed: 0,
    });
    expect(await score(learner)).toBeLessThan(0.5);
  });
});

describe("a corridor on which cloning errors compound", () => {
  const env = "Corridor-v0";
  const settings = { hidden: [], learningRate: 0.3, minibatchSize: 64 };

  /** The true gaps over the seeds, of one method from the labels of ten demonstrations. */
  async function gaps(expert: Policy, method: "bc" | "dagger"): Promise<number[]> {
    const found = [];
    for (const seed of SEEDS) {
      const demonstrations = await collect(expert, { env, episodes: 10, seed, deterministic: true });
      const labels = demonstrations.trajectories.reduce((sum, { rewards }) => sum + rewards.length, 0);
      const rounds = 20;
      const learner =
        method === "bc"
          ? await train(bc({ ...settings, demonstrations, epochs: 30 }), { env, seed })
          : await train(
              dagger({ ...settings, expert, rounds, roundSteps: Math.round(labels / rounds), epochs: 10 }),
              { env, seed },
            );
      const { exact } = await compare(expert, learner, { env, seed, sampled: false });
      expect(exact!.gap).toBeLessThanOrEqual(exact!.bound);
      found.push(exact!.gap);
    }
    return found;
  }

  it("DAgger has less than half of the loss of behaviour cloning at equal expert labels", async () => {
    const expert = await train(valueIteration(), { env });
    const [cloning, interactive] = [mean(await gaps(expert, "bc")), mean(await gaps(expert, "dagger"))];
    expect(cloning).toBeGreaterThan(0);
    expect(interactive).toBeLessThan(cloning / 2);
  });
});
