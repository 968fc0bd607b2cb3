/**
 * @file Behaviour cloning: agreement with the expert, standardisation, early stopping, weighted and subsampled
 * demonstrations.
 */

import { beforeAll, describe, expect, it } from "vitest";
import { bc, valueIteration } from "../../../algorithms/index.js";
import { pairsOf } from "../../../algorithms/shared/labelled-pairs.js";
import { collect, type Demonstrations, subsample, train, weighted } from "../../../index.js";
import { problemOf } from "../../../src/env/problem.js";
import type { Policy } from "../../../src/policies/contract.js";
import { loadPolicy, savePolicy, UniformPolicy } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { loadExpert } from "../../../src/runs/index.js";
import { box, discrete } from "../../../src/spaces/index.js";
import { snapshot } from "../../../src/state/snapshot.js";
import { randomDemonstrations } from "../../support/demonstrations.js";
import { constantReward } from "../../support/environments.js";
import { table } from "../../support/imitation.js";

const ENV = "FrozenLake-v1";

let expert: Policy;

let demonstrations: Demonstrations;

beforeAll(async () => {
  expert = await train(valueIteration(), { env: ENV });
  demonstrations = await collect(expert, { env: ENV, episodes: 5, seed: 0, deterministic: true });
});

describe("behaviour cloning", () => {
  it("reproduces a deterministic expert on every demonstrated state, and does not with shuffled labels", async () => {
    const agreement = async (shown: Demonstrations) => {
      const learner = await train(bc({ ...table, demonstrations: shown, epochs: 100 }), {
        env: ENV,
        seed: 0,
      });
      const { observations, actions, count } = pairsOf(demonstrations.trajectories, demonstrations);
      const chosen = (await learner.act(observations, { rng: createRng(0), deterministic: true })).actions;
      return chosen.filter((a, i) => a === actions[i]).length / count;
    };
    expect(await agreement(demonstrations)).toBe(1);
    const rng = createRng("shuffle");
    const shuffled = demonstrations.trajectories.map((trajectory) => ({
      ...trajectory,
      actions: rng.shuffle(Int32Array.from(trajectory.actions)),
    }));
    expect(await agreement({ ...demonstrations, trajectories: shuffled })).toBeLessThan(0.9);
  });

  it("is invariant to the scale of observations with normalisation, and is not without it", async () => {
    const env = "CartPole-v1";
    const shown = await collect(await loadExpert(env), { env, episodes: 4, seed: 0 });
    const rescale = (observations: Float32Array) => observations.map((x, i) => 100 * (i % 4) + 300 * x);
    const rescaled = {
      ...shown,
      trajectories: shown.trajectories.map((t) => ({ ...t, observations: rescale(t.observations) })),
    };
    const { observations } = pairsOf(shown.trajectories, shown);
    const learnt = async (demonstrations: Demonstrations, seen: Float32Array, options: object) => {
      const policy = await train(bc({ demonstrations, epochs: 5, ...options }), { env, seed: 0 });
      const copy = loadPolicy(savePolicy(policy));
      const probabilities = await copy.probabilities!(seen);
      expect(probabilities).toEqual(await policy.probabilities!(seen));
      return probabilities;
    };
    for (const normaliseObservations of [true, false]) {
      const options = { normaliseObservations, heldOut: 0.25 };
      const plain = await learnt(shown, observations, options);
      const scaled = await learnt(rescaled, rescale(observations), options);
      const apart = Math.max(...plain.map((p, i) => Math.abs(p - scaled[i])));
      if (normaliseObservations) expect(apart).toBeLessThan(0.02);
      else expect(apart).toBeGreaterThan(0.2);
    }
    const table = bc({ demonstrations, normaliseObservations: true });
    await expect(train(table, { env: ENV })).rejects.toThrow(
      /normaliseObservations needs box observations; those of FrozenLake-v1/,
    );
  });

  it("takes whole passes for the requested gradient steps, and at least the minimum number of passes", async () => {
    const { pairs } = bc({ demonstrations }).options.demonstrations as { pairs: number };
    const stepsFor = (updates: number, least?: number) =>
      bc({ demonstrations, minibatchSize: 8, epochs: { updates, ...(least && { least }) } }).defaultSteps;
    const perPass = Math.ceil(pairs / 8);
    expect(stepsFor(1)).toBe(perPass);
    expect(stepsFor(1, 3)).toBe(3 * perPass);
    expect(stepsFor(1000)).toBe(Math.ceil(8000 / pairs) * perPass);
    const of = (epochs: number | { updates: number }) =>
      train.run(bc({ ...table, demonstrations, minibatchSize: 8, epochs }), { env: ENV, seed: 0 });
    const passes = Math.ceil((8 * 20) / pairs);
    const [counted, asked] = [await of(passes), await of({ updates: 20 })];
    expect(asked.steps).toBe(counted.steps);
    expect(savePolicy(asked.policy)).toEqual(savePolicy(counted.policy));
  });

  it("stops early when the held-out loss no longer falls, and keeps the best parameters", async () => {
    // Of actions without a reason there is nothing to learn, but a table learns the few that it is shown by heart.
    const random = new UniformPolicy(expert.observationSpace, expert.actionSpace);
    const unreasoned = await collect(random, { env: ENV, episodes: 5, seed: 0 });
    const algorithm = bc({ ...table, demonstrations: unreasoned, epochs: 500, heldOut: 0.4, patience: 3 });
    const { metrics, steps } = await train.run(algorithm, { env: ENV, seed: 0 });
    expect(steps).toBeLessThan(algorithm.defaultSteps);
    const losses = metrics.map((row) => row.heldOutLoss);
    expect(losses.indexOf(Math.min(...losses))).toBe(losses.length - 4);
  });

  it("is saved without what is made from the demonstrations", async () => {
    const state = await bc({ ...table, demonstrations }).init(await problemOf(ENV), createRng(0));
    const saved = snapshot(state);
    expect(saved).toHaveProperty("cloner.parameters");
    expect(saved).not.toHaveProperty("live");
  });

  it("measures held-out episodes only where some are held out", () => {
    expect(bc({ ...table, demonstrations, heldOut: 0.4 })).toHaveProperty("heldOut");
    expect(bc({ ...table, demonstrations })).not.toHaveProperty("heldOut");
  });

  it("refuses demonstrations of another environment, and empty demonstrations", async () => {
    await expect(train(bc({ demonstrations }), { env: "CartPole-v1" })).rejects.toThrow(
      /bc: the data set of FrozenLake-v1 has observations .*, but CartPole-v1 has/,
    );
    expect(() => bc({} as Parameters<typeof bc>[0])).toThrow(/option "demonstrations" is required/);
    expect(() => bc({ demonstrations: { ...demonstrations, trajectories: [] } })).toThrow(
      /no demonstrated actions/,
    );
  });
});

describe("demonstrations with weights", () => {
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
    return {
      weights: Object.values(policy.toData().arrays).flatMap(({ data }) => Array.from(data)),
      metrics,
    };
  }

  const distance = (a: number[], b: number[]) => Math.max(...a.map((x, i) => Math.abs(x - b[i])));

  describe("the weight of a demonstration", () => {
    it("of 0 equals leaving the demonstration out, for every minibatch size", async () => {
      for (const options of [{}, { minibatchSize: 2 }]) {
        const without = await fitted(only(0, 2), options);
        expect((await fitted(weighted(shown, [1, 0, 1]), options)).weights).toEqual(without.weights);
      }
    });

    it("of 2 equals including the demonstration twice, with and without an entropy bonus", async () => {
      for (const entropyCoefficient of [0, 0.1]) {
        const twice = await fitted(only(0, 1, 1, 2), { entropyCoefficient });
        const double = await fitted(weighted(shown, [1, 2, 1]), { entropyCoefficient });
        const single = await fitted(shown, { entropyCoefficient });
        expect(distance(double.weights, twice.weights)).toBeLessThan(1e-4);
        expect(distance(single.weights, twice.weights)).toBeGreaterThan(1e-3);
        expect(double.metrics.at(-1)?.loss).toBeCloseTo(twice.metrics.at(-1)?.loss ?? Number.NaN, 4);
      }
    });

    it("has no effect if all weights are equal", async () => {
      expect((await fitted(weighted(shown, [3, 3, 3]))).weights).toEqual((await fitted(shown)).weights);
    });

    it("applies to the held-out loss too", async () => {
      const heldOut = async (weights: number[]) =>
        (await fitted(weighted(shown, weights), { heldOut: 0.67, epochs: 1 })).metrics[0].heldOutLoss;
      expect(await heldOut([1, 1, 1])).not.toBeCloseTo(await heldOut([1, 5, 25]), 6);
    });
  });

  describe("subsampled demonstrations", () => {
    it("are cloned from the remaining pairs, and have another fingerprint in the run's record", async () => {
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
});
