/** @file Behaviour cloning of demonstrations that do not all count the same, or not in full. */

import { describe, expect, it } from "vitest";
import { bc } from "../../algorithms/index.js";
import { pairsOf } from "../../algorithms/shared/labelled-pairs.js";
import { type Demonstrations, subsample, train, weighted } from "../../index.js";
import { createRng } from "../../src/random/rng.js";
import { box, discrete } from "../../src/spaces/index.js";
import { randomDemonstrations } from "../support/demonstrations.js";
import { constantReward } from "../support/environments.js";

const env = () => constantReward({ limit: 5 });
const shown = randomDemonstrations({
  episodes: 3,
  observationSpace: box([1], 0, 1),
  actionSpace: discrete(2),
});
const only = (...episodes: number[]): Demonstrations => ({
  ...shown,
  trajectories: episodes.map((episode) => shown.trajectories[episode]),
});

/** The parameters after ten full-batch steps, and the loss of the last. */
async function fitted(demonstrations: Demonstrations, options: Partial<Parameters<typeof bc>[0]> = {}) {
  const { count } = pairsOf(demonstrations.trajectories, demonstrations);
  const algorithm = bc({
    demonstrations,
    minibatchSize: count,
    epochs: 10,
    hidden: [8],
    learningRate: 0.05,
    ...options,
  });
  const { policy, metrics } = await train.run(algorithm, { env, seed: 0 });
  return { weights: Object.values(policy.toData().arrays).flatMap(({ data }) => Array.from(data)), metrics };
}

const distance = (a: number[], b: number[]) => Math.max(...a.map((x, i) => Math.abs(x - b[i])));

describe("the weight of a demonstration", () => {
  it("of 0 is as if it were not there, whatever the minibatches", async () => {
    for (const options of [{}, { minibatchSize: 2 }]) {
      const without = await fitted(only(0, 2), options);
      expect((await fitted(weighted(shown, [1, 0, 1]), options)).weights).toEqual(without.weights);
    }
  });

  it("of 2 is as if it were there twice, and of 1 is not, with and without an entropy bonus", async () => {
    for (const entropyCoefficient of [0, 0.1]) {
      const twice = await fitted(only(0, 1, 1, 2), { entropyCoefficient });
      const double = await fitted(weighted(shown, [1, 2, 1]), { entropyCoefficient });
      const single = await fitted(shown, { entropyCoefficient });
      expect(distance(double.weights, twice.weights)).toBeLessThan(1e-4);
      expect(distance(single.weights, twice.weights)).toBeGreaterThan(1e-3);
      expect(double.metrics.at(-1)?.loss).toBeCloseTo(twice.metrics.at(-1)?.loss ?? Number.NaN, 4);
    }
  });

  it("makes no difference where all have the same", async () => {
    expect((await fitted(weighted(shown, [3, 3, 3]))).weights).toEqual((await fitted(shown)).weights);
  });

  it("counts in the held-out loss too", async () => {
    const heldOut = async (weights: number[]) =>
      (await fitted(weighted(shown, weights), { heldOut: 0.67, epochs: 1 })).metrics[0].heldOutLoss;
    expect(await heldOut([1, 1, 1])).not.toBeCloseTo(await heldOut([1, 5, 25]), 6);
  });
});

describe("subsampled demonstrations", () => {
  it("are cloned from the pairs that are left, and the record of a run tells them apart", async () => {
    const few = subsample(shown, { every: 3, rng: createRng(1) });
    const pairs = pairsOf(few.trajectories, few);
    expect(pairs.count).toBe(few.trajectories.reduce((sum, { steps }) => sum + steps!.length, 0));
    let row = 0;
    for (const { observations, actions, steps } of few.trajectories) {
      for (const t of steps!) {
        expect(pairs.observations[row]).toBe(observations[t]);
        expect(pairs.actions[row++]).toBe(actions[t]);
      }
    }
    const record = (demonstrations: Demonstrations) =>
      JSON.stringify(bc({ demonstrations }).options.demonstrations);
    expect(new Set([shown, few, weighted(shown, [1, 2, 1])].map(record)).size).toBe(3);
  });
});
