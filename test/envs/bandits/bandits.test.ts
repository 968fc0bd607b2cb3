/** Bandits: priors, rewards, clusters, the exact model, and the regret of choosing at random in closed form. */

import { describe, expect, it } from "vitest";
import type { BanditTask } from "../../../envs/bandits/bandit.js";
import { bernoulliBandit, bernoulliBanditOptions } from "../../../envs/bandits/bernoulli.js";
import { gaussianBandit } from "../../../envs/bandits/gaussian.js";
import { checkEnv, makeVector } from "../../../envs/index.js";
import type { Environment } from "../../../src/env/contracts.js";
import { evaluatePolicy, expectedRewards, uniformTable, valueIteration } from "../../../src/mdp/index.js";
import { expectFrequencies, expectGoodFamily, sampleTasks, tally } from "../tasks/family.js";

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const variance = (values: number[]): number => mean(values.map((x) => (x - mean(values)) ** 2));

/** Rewards of `pulls` pulls of one arm, as the environment gives them. */
function pull(environment: Environment, arm: number, pulls: number): number[] {
  environment.reset({ seed: 1 });
  return Array.from({ length: pulls }, () => environment.step(arm).reward);
}

describe("BernoulliBandit-v0", () => {
  it("is a valid task family, with and without clusters", async () => {
    await expectGoodFamily("BernoulliBandit-v0");
    await expectGoodFamily("BernoulliBandit-v0", { clusters: 4, episodesPerTask: 3 });
    expect(await checkEnv("BernoulliBandit-v0")).toEqual([]);
  });

  it("has arms with reward 1 at their own probability, and else 0", () => {
    const environment = bernoulliBandit({ arms: 3, maxEpisodeSteps: 10_000 });
    environment.setTask!({ means: [0, 0.3, 1] });
    expect(new Set(pull(environment, 0, 100))).toEqual(new Set([0]));
    expect(new Set(pull(environment, 2, 100))).toEqual(new Set([1]));
    expectFrequencies(tally(pull(environment, 1, 5000), 2), [0.7, 0.3]);
  });

  it("draws uniform probabilities", () => {
    const means = sampleTasks<BanditTask>(bernoulliBandit({ arms: 5 }), 2000).flatMap((task) => task.means);
    expectFrequencies(
      tally(
        means.map((p) => Math.floor(10 * p)),
        10,
      ),
      new Array(10).fill(0.1),
    );
  });

  it("draws the arms of a cluster's group from the upper half, so that one of them is best", () => {
    const environment = bernoulliBandit({ arms: 10, clusters: 3 });
    const perHalf = [0, 1].map(() => new Array<number>(5).fill(0));
    for (const { cluster, means } of sampleTasks<BanditTask>(environment, 500)) {
      for (const [arm, p] of means.entries()) {
        const half = arm % 3 === cluster ? 1 : 0;
        expect(Math.floor(2 * p)).toBe(half);
        perHalf[half][Math.floor(10 * p) - 5 * half]++;
      }
      expect(means.indexOf(Math.max(...means)) % 3).toBe(cluster);
    }
    for (const counts of perHalf) expectFrequencies(counts, new Array(5).fill(0.2));
  });

  it("has a regret of k/(k + 1) − 1/2 per pull, averaged over tasks, for random choice among k arms", () => {
    // E max of k uniforms is k / (k + 1), and a random arm pays 1/2.
    const arms = 5;
    const environment = bernoulliBandit({ arms });
    const regrets = sampleTasks<BanditTask>(environment, 4000).map((task) => {
      const model = environment.tasks!.model!(task);
      const [best] = valueIteration(model).values;
      return (best - evaluatePolicy(model, uniformTable(model))[0]) * (1 - model.discount);
    });
    const error = 4 * Math.sqrt(variance(regrets) / regrets.length);
    expect(Math.abs(mean(regrets) - (arms / (arms + 1) - 0.5))).toBeLessThan(error);
  });

  it("has a model of one state, with the value of the best arm for ever", () => {
    const environment = bernoulliBandit({ arms: 4, discount: 0.9 });
    const model = environment.tasks!.model!({ cluster: 0, means: [0.1, 0.8, 1, 0] });
    expect(Array.from(expectedRewards(model))).toEqual([0.1, 0.8, 1, 0]);
    expect(valueIteration(model).values[0]).toBeCloseTo(10, 8);
  });

  it("keeps its means for a trial, truncated after its pulls", async () => {
    const vector = await makeVector("BernoulliBandit-v0", 2, {
      options: { maxEpisodeSteps: 2, episodesPerTask: 2 },
    });
    const tasks: unknown[] = [];
    for (let step = 0; step < 6; step++) {
      tasks.push(vector.getTask!(0));
      vector.step(Int32Array.of(0, 1));
      expect([vector.terminated[0], vector.truncated[0], vector.trialEnded![0]]).toEqual([
        0,
        step % 2,
        step === 3 ? 1 : 0,
      ]);
    }
    expect(tasks.slice(1, 4)).toEqual([tasks[0], tasks[0], tasks[0]]);
    expect(tasks[4]).not.toEqual(tasks[0]);
  });

  it("renders its arms as text", () => {
    const environment = bernoulliBandit({ arms: 2 });
    environment.setTask!({ means: [0.25, 0.5] });
    environment.reset();
    environment.step(1);
    expect(environment.render!()).toBe("  arm 0  mean 0.250\n> arm 1  mean 0.500");
  });

  it("refuses more clusters than arms, and means that are too few or not probabilities", () => {
    expect(() => bernoulliBandit({ arms: 3, clusters: 4 })).toThrow(
      'BernoulliBandit-v0: option "clusters" is 4; it must be at most the number of arms, 3',
    );
    const environment = bernoulliBandit({ arms: 2 });
    expect(() => environment.setTask!({ means: [0.5, 1.5] })).toThrow('option "means.1" is 1.5');
    expect(() => environment.setTask!({ means: [0.5] })).toThrow('option "means"');
    environment.reset();
    expect(() => environment.step(2)).toThrow("BernoulliBandit-v0");
    expect(bernoulliBanditOptions.parse({})).toMatchObject({ arms: 10, maxEpisodeSteps: 100 });
  });
});

describe("GaussianBandit-v0", () => {
  it("is a valid task family, with and without clusters", async () => {
    await expectGoodFamily("GaussianBandit-v0");
    await expectGoodFamily("GaussianBandit-v0", { clusters: 2 });
  });

  it("has normal rewards about the arm's mean, with the given deviation", () => {
    const environment = gaussianBandit({ arms: 2, noise: 0.5, maxEpisodeSteps: 10_000 });
    environment.setTask!({ means: [3, -1] });
    const rewards = pull(environment, 1, 4000);
    expect(Math.abs(mean(rewards) + 1)).toBeLessThan((4 * 0.5) / Math.sqrt(4000));
    // The variance of the sample variance of a normal is 2 σ⁴ / n.
    expect(Math.abs(variance(rewards) - 0.25)).toBeLessThan(4 * 0.25 * Math.sqrt(2 / 4000));
    const still = gaussianBandit({ arms: 2, noise: 0 });
    still.setTask!({ means: [3, -1] });
    expect(pull(still, 0, 3)).toEqual([3, 3, 3]);
  });

  it("draws standard normal means, higher by the advantage in the better group", () => {
    const tasks = sampleTasks<BanditTask>(gaussianBandit({ arms: 4, clusters: 2, advantage: 3 }), 2000);
    const better = tasks.flatMap(({ cluster, means }) => means.filter((_, arm) => arm % 2 === cluster));
    const others = tasks.flatMap(({ cluster, means }) => means.filter((_, arm) => arm % 2 !== cluster));
    for (const [means, centre] of [
      [better, 3],
      [others, 0],
    ] as const) {
      expect(Math.abs(mean(means) - centre)).toBeLessThan(4 / Math.sqrt(means.length));
      expect(Math.abs(variance(means) - 1)).toBeLessThan(4 * Math.sqrt(2 / means.length));
    }
  });

  it("has a model with the means only", () => {
    const environment = gaussianBandit({ arms: 2 });
    const model = environment.tasks!.model!({ cluster: 0, means: [2, -2] });
    expect(Array.from(expectedRewards(model))).toEqual([2, -2]);
  });
});
