/** @file Behaviour cloning and DAgger learn, beside controls. */

import { beforeAll, describe, expect, it } from "vitest";
import { bc, dagger, valueIteration } from "../../algorithms/index.js";
import { collect, compare, evaluate, loadExpert, mean, train } from "../../index.js";
import type { Policy } from "../../src/policies/contract.js";
import { createRng } from "../../src/random/rng.js";
import { underSeeds } from "../support/claim.js";

const SEEDS = [0, 1, 2, 3, 4];

describe("imitating a CartPole expert", () => {
  const env = "CartPole-v1";
  const seeds = [0, 1, 2];
  let expert: Policy;
  beforeAll(async () => {
    expert = await loadExpert(env);
  });

  /** As a share of the expert's 500. */
  const score = async (policy: Policy, seed: number) =>
    (await evaluate(policy, { env, episodes: 50, seed: `score/${seed}` })).mean / 500;

  it("behaviour cloning from 10 episodes reaches 0.95, and not from shuffled actions on their states", async () => {
    const shown = await collect(expert, { env, episodes: 10, seed: 1, deterministic: true });
    const rng = createRng("shuffle");
    const trajectories = shown.trajectories.map((trajectory) => ({
      ...trajectory,
      actions: rng.shuffle(Int32Array.from(trajectory.actions)),
    }));
    const variants = { own: shown, shuffled: { ...shown, trajectories } };
    const { own, shuffled } = await underSeeds(seeds, variants, async (demonstrations, seed) =>
      score(await train(bc({ demonstrations, epochs: 10 }), { env, seed }), seed),
    );
    expect(mean(own)).toBeGreaterThanOrEqual(0.95);
    expect(Math.max(...shuffled)).toBeLessThan(0.5);
  });

  it("DAgger with as many labels reaches 0.95, and not with a random expert", async () => {
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
    const variants = { taught: expert, misled: random };
    const { taught, misled } = await underSeeds(seeds, variants, async (teacher, seed) => {
      const learner = dagger({ expert: teacher, rounds: 10, roundSteps: 500, epochs: 4 });
      return score(await train(learner, { env, seed }), seed);
    });
    expect(mean(taught)).toBeGreaterThanOrEqual(0.95);
    expect(Math.max(...misled)).toBeLessThan(0.5);
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
