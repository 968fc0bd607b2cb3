/** @file The game-theoretic approach: its bounds, on a model and on samples, and poor experts. */

import { describe, expect, it } from "vitest";
import { gameTheoretic, ppo } from "../../../algorithms/index.js";
import { stepSize } from "../../../algorithms/irl/game-theoretic.js";
import { problemOf } from "../../../src/env/problem.js";
import { tabularEnvironment } from "../../../src/env/tabular-environment.js";
import type { Algorithm, State } from "../../../src/learning/contract.js";
import { tabularModel, uniformTable } from "../../../src/mdp/index.js";
import { collect } from "../../../src/measure/collect.js";
import { TabularPolicy } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { train } from "../../../src/runs/train.js";
import { expert, features, grid, make, model, settings, tableOf, value } from "./macro-cells.js";

describe("gameTheoretic", () => {
  it.each(["known", "unknown"] as const)("meets its bound after every round, signs %s", async (signs) => {
    const algorithm = gameTheoretic({ expert, features, signs, iterations: 40 });
    const { metrics } = await train.run(algorithm, { env: make, seed: 0 });
    const scale = 1 / (1 - settings.discount);
    const weights = features[0].length * (signs === "known" ? 1 : 2);
    for (const { steps, regret, regretBound, advantage } of metrics) {
      expect(regret).toBeLessThanOrEqual(regretBound);
      // Freund & Schapire's, which the paper's rests on, in the same units: (step · least loss + log k) / (1 − β) − least.
      const [step, least] = [stepSize(weights, 40), (steps * (advantage / scale + 2)) / 4];
      const paper = (step * least + Math.log(weights)) / -Math.expm1(-step) - least;
      expect(regretBound).toBeLessThanOrEqual((4 * scale * paper) / steps);
      // The expert is one of the mixtures, so the value of the game is 0 at least.
      expect(advantage).toBeGreaterThanOrEqual(-regretBound);
      // Theorem 2 of the paper, at its last round: Δ = √(2 ln k / T) + ln k / T, in units of 4 / (1 − γ).
      if (steps < 40) continue;
      const delta = Math.sqrt((2 * Math.log(weights)) / 40) + Math.log(weights) / 40;
      expect(regret).toBeLessThanOrEqual(4 * scale * delta);
    }
    expect(metrics.at(-1)!.featureGap).toBeLessThan(0.2 * metrics[0].featureGap);
    expect(stepSize(weights, 40)).toBeCloseTo(Math.log(1 + Math.sqrt((2 * Math.log(weights)) / 40)), 12);
  });

  it.each(["known", "unknown"] as const)("plays multiplicative weights, signs %s, by hand", async (signs) => {
    const algorithm = gameTheoretic({ expert, features, signs, iterations: 4 });
    const state = await algorithm.init(await problemOf(make), createRng(0));
    const { scale, expert: shown } = state.responder.live;
    const both = (x: Float64Array) => (signs === "known" ? [...x] : [...x, ...x.map((value) => -value)]);
    const target = both(shown.features);
    const count = target.length;
    const step = Math.log(1 + Math.sqrt((2 * Math.log(count)) / 4)) / (4 * scale);
    const losses = new Array(count).fill(0);
    let [total, mixability, worth] = [0, 0, 0];
    for (let round = 1; round <= 4; round++) {
      const powers = losses.map((loss) => Math.exp(-step * loss));
      const sum = powers.reduce((a, b) => a + b);
      const weights = powers.map((x) => x / sum);
      const metrics = await algorithm.update(state);
      const response = state.responses[round - 1];
      for (const [k, w] of response.weights.entries()) {
        expect(w).toBeCloseTo(signs === "known" ? weights[k] : weights[k] - weights[k + count / 2], 9);
      }
      const loss = both(response.features).map((x, k) => x - target[k]);
      const own = weights.reduce((all, w, k) => all + w * loss[k], 0);
      const soft = -Math.log(weights.reduce((all, w, k) => all + w * Math.exp(-step * loss[k]), 0)) / step;
      for (let k = 0; k < count; k++) losses[k] += loss[k];
      total += own;
      mixability += own - soft;
      worth += response.value;
      const least = Math.min(...losses);
      expect(metrics.advantage).toBeCloseTo(least / round, 7);
      expect(metrics.regret).toBeCloseTo((total - least) / round, 7);
      expect(metrics.regretBound).toBeCloseTo((mixability + Math.log(count) / step) / round, 6);
      expect(metrics.valueGap).toBeCloseTo(shown.value - worth / round, 7);
      const gaps = losses.slice(0, shown.features.length).map((x) => x / round);
      expect(metrics.featureGap).toBeCloseTo(Math.hypot(...gaps), 7);
      expect(state.scale).toBe(scale);
    }
    expect([...state.losses].map((x, k) => Math.abs(x - losses[k]) < 1e-9)).toEqual(losses.map(() => true));
    expect(algorithm.outcome!(state)).toMatch(/^4 rounds; the adversary's regret is [\d.e-]+ a round$/);
    // Half the largest loss of a round, where that is more than the bound so far.
    state.scale = scale / 1000;
    const before = [...state.losses];
    await algorithm.update(state);
    const largest = Math.max(...before.map((x, k) => Math.abs(state.losses[k] - x)));
    expect(largest).toBeGreaterThan(0.01);
    expect(state.scale).toBeCloseTo(largest / 2, 12);
  });

  it("meets its bound on samples, with responses that last much longer than the demonstrations", async () => {
    // One who quits after a step or two, in a world whose only feature is that one is there.
    const world = tabularModel({
      states: 2,
      actions: 2,
      discount: 0.99,
      initial: 0,
      terminal: [1],
      transitions: (_, a) => [{ next: a, probability: 1, reward: 1 - a }],
    });
    const env = () => tabularEnvironment("Quit", world, { maxEpisodeSteps: 50 });
    const quitter = new TabularPolicy(2, Float64Array.of(0.2, 0.8, 0.2, 0.8));
    const demonstrations = await collect(quitter, { env, episodes: 20, seed: 0 });
    const options = { demonstrations, features: [[1], [0]], iterations: 8, episodes: 10 };
    const optimiser = { algorithm: "ppo", hidden: [8], environments: 4, rolloutSteps: 32, minibatchSize: 64 };
    for (const signs of ["known", "unknown"] as const) {
      const algorithm = gameTheoretic({
        ...options,
        signs,
        optimiserUpdates: 3,
        optimiser: { ...optimiser, learningRate: 0.02 },
      });
      const { metrics } = await train.run(algorithm as unknown as Algorithm<State>, { env, seed: 0 });
      const last = metrics.at(-1)!;
      for (const { regret, regretBound } of metrics) expect(regret).toBeLessThanOrEqual(regretBound + 1e-9);
      // The least that the mixture is worth more, whatever the weight: with one feature, μ − μ_E, or what is left of it.
      const gained = (signs === "known" ? 1 : -1) * last.featureGap;
      expect(last.advantage).toBeCloseTo(gained, 6);
      if (signs === "known") expect(last.advantage).toBeGreaterThan(10);
    }
  });

  it("normalises reward weights to length 1, also if the adversary's weights are small", async () => {
    const problem = await problemOf(make);
    const demonstrations = await collect(expert, { env: make, episodes: 5, seed: 0 });
    const inner = ppo({ hidden: [8], environments: 2, rolloutSteps: 32, minibatchSize: 64 });
    const lengths: number[] = [];
    const optimiser: typeof inner = {
      ...inner,
      update: async (state, rewards) => {
        // The features are indicators of the states: what each pays is its weight.
        const all = Float32Array.from({ length: model.states }, (_, s) => s);
        const [actions, terminated] = [new Int32Array(all.length), new Uint8Array(all.length)];
        const paid = await rewards!({ observations: all, actions, nextObservations: all, terminated });
        lengths.push(Math.hypot(...Array.from(paid)));
        return inner.update(state, rewards);
      },
    };
    const algorithm = gameTheoretic({ demonstrations, optimiser, optimiserUpdates: 1, episodes: 4 });
    const state = await algorithm.init(problem, createRng(0));
    for (let round = 0; round < 3; round++) await algorithm.update(state);
    // With signs unknown the adversary begins indifferent.
    expect(lengths[0]).toBe(0);
    for (const length of lengths.slice(1)) expect(length).toBeCloseTo(1, 9);
    expect(Math.hypot(...state.responses[2].weights)).toBeLessThan(0.5);
  });

  it("beats a poor expert with known signs, and does not with unknown signs", async () => {
    const good = [...grid.weights!.keys()].filter((k) => grid.weights![k] > 0);
    const useful = features.map((row) => good.map((k) => row[k]));
    const poor = new TabularPolicy(model.states, uniformTable(model));
    const learn = async (signs: "known" | "unknown") =>
      value(
        tableOf(
          await train(gameTheoretic({ expert: poor, features: useful, signs, iterations: 40 }), {
            env: make,
          }),
        ),
      );
    const chance = value(uniformTable(model));
    expect(await learn("known")).toBeGreaterThan(1.4 * chance);
    expect(Math.abs((await learn("unknown")) - chance)).toBeLessThan(0.2 * chance);
  });
});
