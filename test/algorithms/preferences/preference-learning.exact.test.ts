/** @file Tests of preference learning with the exact optimum of a model. */

import { describe, expect, it } from "vitest";
import { type PreferenceLearningOptions, preferenceLearning } from "../../../algorithms/index.js";
import { mdp, TabularPolicy, train } from "../../../index.js";
import { tabularEnvironment } from "../../../src/env/tabular-environment.js";
import { greedy, optimalValues } from "../../support/tabular.js";

/** A ring of four states: on or stay, with rewards of pairs that differ. */
const model = mdp.tabularModel({
  ...{ states: 4, actions: 2, initial: [0.25, 0.25, 0.25, 0.25], discount: 0.8 },
  transitions: (s, a) => [
    { next: a === 0 ? (s + 1) % 4 : s, probability: 1, reward: [0, 0.1, 0.2, 0, 0, 0, -0.5, 1][2 * s + a] },
  ],
});
const ring = () => tabularEnvironment("ring", model, { maxEpisodeSteps: 12 });
const best = greedy(model, optimalValues(model));

const options: PreferenceLearningOptions = {
  optimiser: "exact",
  comparisons: 40,
  rounds: 3,
  segmentLength: 4,
  exploration: 1,
  stopAccuracy: 1,
  hidden: [16],
  learningRate: 1e-2,
  minibatchSize: 16,
};

const tableOf = async (more: PreferenceLearningOptions, seed: number) => {
  const policy = await train(preferenceLearning({ ...options, ...more }), { env: ring, seed });
  return policy.probabilities!(Float32Array.of(0, 1, 2, 3));
};

describe("preference learning on an exact model", () => {
  it("finds the optimal policy from 40 comparisons under each of 20 seeds, and not from opposite answers", async () => {
    for (let seed = 0; seed < 20; seed++) {
      const table = await tableOf({}, seed);
      expect(Array.from(best, (a, s) => table[2 * s + a])).toEqual([1, 1, 1, 1]);
    }
    const opposite = await tableOf({ annotator: { mistake: 1 } }, 0);
    expect(Array.from(best, (a, s) => opposite[2 * s + a])).not.toEqual([1, 1, 1, 1]);
  }, 120_000);

  it("is the reference where its weight is large", async () => {
    const prior = [0.9, 0.1, 0.2, 0.8, 0.5, 0.5, 0.3, 0.7];
    const reference = new TabularPolicy(4, prior);
    const near = await tableOf({ reference, klCoefficient: 1e5 }, 1);
    for (const [i, p] of prior.entries()) expect(near[i]).toBeCloseTo(p, 3);
    const far = await tableOf({ reference, klCoefficient: 1e-3 }, 1);
    for (const [s, a] of best.entries()) expect(far[2 * s + a]).toBeGreaterThan(0.99);
  });

  it("is done after its rounds, and refuses environments without a model", async () => {
    const { metrics } = await train.run(preferenceLearning(options), { env: ring, seed: 0 });
    expect(metrics.map(({ steps }) => steps)).toEqual([1, 2, 3]);
    await expect(train(preferenceLearning(options), { env: "CartPole-v1" })).rejects.toThrow(
      /needs an exact model/,
    );
  });
});
