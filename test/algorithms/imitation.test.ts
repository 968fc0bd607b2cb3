/** @file Behaviour cloning and DAgger in their parts: losses, streams of minibatches, schedules, labels. */

import { beforeAll, describe, expect, it } from "vitest";
import { cloneBatches, clonerOf, createClonerState } from "../../algorithms/imitation/cloning/supervised.js";
import { betaOf } from "../../algorithms/imitation/dagger.js";
import { bc, dagger, valueIteration } from "../../algorithms/index.js";
import { pairsOf } from "../../algorithms/shared/labelled-pairs.js";
import { collect, type Demonstrations, train } from "../../index.js";
import { splitEpisodes } from "../../src/datasets/demonstrations.js";
import { problemOf } from "../../src/env/problem.js";
import type { Policy } from "../../src/policies/contract.js";
import { loadPolicy, NetworkPolicy, savePolicy, UniformPolicy } from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";
import { loadExpert } from "../../src/runs/index.js";

const ENV = "FrozenLake-v1";
const table = {
  hidden: [],
  activation: "tanh" as const,
  minibatchSize: 8,
  learningRate: 0.1,
  loss: "log-likelihood" as const,
  entropyCoefficient: 0,
  l2: 0,
};

let expert: Policy;
let demonstrations: Demonstrations;
beforeAll(async () => {
  expert = await train(valueIteration(), { env: ENV });
  demonstrations = await collect(expert, { env: ENV, episodes: 5, seed: 0, deterministic: true });
});

describe("pairs of demonstrations", () => {
  it("hold every action with the observation it was taken on, and no final observation", () => {
    const { trajectories } = demonstrations;
    const pairs = pairsOf(trajectories, demonstrations);
    expect(pairs.count).toBe(trajectories.reduce((sum, { actions }) => sum + actions.length, 0));
    const [first] = trajectories;
    const steps = first.actions.length;
    expect(pairs.observations.subarray(0, steps)).toEqual(first.observations.subarray(0, steps));
    expect(pairs.observations[steps]).toBe(trajectories[1].observations[0]);
  });

  it("split by episode, so that no episode is on both sides", () => {
    const parts = splitEpisodes(demonstrations, 0.4, createRng(0));
    const training = pairsOf(parts.train.trajectories, demonstrations);
    const heldOut = pairsOf(parts.heldOut.trajectories, demonstrations);
    const lengths = demonstrations.trajectories.map(({ actions }) => actions.length);
    const isSum = (total: number, k: number): boolean =>
      k === 0 ? total === 0 : lengths.some((n) => total >= n && isSum(total - n, k - 1));
    expect(training.count + heldOut.count).toBe(lengths.reduce((a, b) => a + b));
    expect(isSum(heldOut.count, 2)).toBe(true);
  });
});

describe("cloning", () => {
  it("visits every pair once in a pass", async () => {
    const problem = await problemOf(ENV);
    const cloner = clonerOf(problem, table);
    const state = createClonerState(cloner, createRng(0));
    const pairs = { count: 16, observations: new Float32Array(16), actions: new Int32Array(16) };
    await cloneBatches(cloner, state, pairs, 2);
    expect(Array.from(state.order).sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => i));
    expect(state.used).toBe(16);
  });

  it("fits the empirical action frequencies, the maximum of the likelihood", async () => {
    const problem = await problemOf(ENV);
    const cloner = clonerOf(problem, { ...table, minibatchSize: 4, learningRate: 0.05 });
    const state = createClonerState(cloner, createRng(0));
    // In state 3 the expert took action 1 three times and action 2 once.
    const pairs = { count: 4, observations: new Float32Array(4).fill(3), actions: Int32Array.of(1, 1, 2, 1) };
    await cloneBatches(cloner, state, pairs, 2000);
    const learner = new NetworkPolicy(cloner.network.settings, state.parameters);
    const probabilities = (await learner.probabilities?.(Float32Array.of(3))) ?? [];
    expect(probabilities[1]).toBeCloseTo(0.75, 1);
    expect(probabilities[2]).toBeCloseTo(0.25, 1);
    expect(probabilities[0]).toBeLessThan(0.02);
  });

  it("reproduces a deterministic expert on every state it was shown, and not with shuffled labels", async () => {
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

  it("learns the same from observations on any scale where they are normalised, and only there", async () => {
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
      /normaliseObservations is for a box; FrozenLake-v1/,
    );
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

  it("refuses demonstrations of another environment, and none at all", async () => {
    await expect(train(bc({ demonstrations }), { env: "CartPole-v1" })).rejects.toThrow(
      /bc: the data set of FrozenLake-v1 has observations .*, but CartPole-v1 has/,
    );
    expect(() => bc({} as Parameters<typeof bc>[0])).toThrow(/option "demonstrations" is required/);
    expect(() => bc({ demonstrations: { ...demonstrations, trajectories: [] } })).toThrow(
      /no demonstrated actions/,
    );
  });
});

describe("dagger", () => {
  it("lets the expert drive the first round, whatever the schedule, unless it is constant", () => {
    for (const beta of [
      { kind: "expert-first" as const },
      { kind: "linear" as const, rounds: 4 },
      { kind: "exponential" as const, factor: 0.5 },
    ]) {
      expect(betaOf(beta, 0)).toBe(1);
    }
    expect([0, 1, 2, 3, 4, 5].map((i) => betaOf({ kind: "linear", rounds: 4 }, i))).toEqual([
      1, 0.75, 0.5, 0.25, 0, 0,
    ]);
    expect(betaOf({ kind: "exponential", factor: 0.5 }, 3)).toBe(0.125);
    expect(betaOf({ kind: "expert-first" }, 1)).toBe(0);
  });

  it("stores the expert's label of every state, whoever drove, and the learner's share is 1 − β", async () => {
    const beta = { kind: "constant" as const, value: 0.3 };
    const algorithm = dagger({
      ...table,
      expert,
      rounds: 2,
      roundSteps: 2000,
      epochs: 1,
      beta,
      environments: 4,
    });
    const { state, metrics } = await train.run(algorithm, { env: ENV, seed: 0 });
    const { observations, actions, count } = state.pairs;
    expect(count).toBe(4000);
    const labels = (await expert.act(observations, { rng: createRng(0), deterministic: true })).actions;
    expect(actions).toEqual(labels);
    expect(state.learnerSteps / 4000).toBeGreaterThan(0.67);
    expect(state.learnerSteps / 4000).toBeLessThan(0.73);
    expect(metrics.at(-1)).toMatchObject({ expertQueries: 4000, steps: 4000 });
  });

  it("starts from demonstrations as its round 0, so that its own first round is the learner's", async () => {
    const algorithm = dagger({ ...table, expert, demonstrations, rounds: 1, roundSteps: 50, epochs: 1 });
    const { metrics, state } = await train.run(algorithm, { env: ENV, seed: 0 });
    expect(metrics[0]).toMatchObject({ beta: 0, learnerShare: 1 });
    expect(state.pairs.count).toBe(pairsOf(demonstrations.trajectories, demonstrations).count + 50);
  });

  it("refuses a number of environments that does not divide a round", () => {
    expect(() => dagger({ expert, environments: 3, roundSteps: 100 })).toThrow(
      /3 environments do not divide the 100/,
    );
  });
});
