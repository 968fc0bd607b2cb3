/** @file Distribution matching on models: gradients, and the behaviour that each divergence prefers. */

import { describe, expect, it } from "vitest";
import {
  createExactMatching,
  type ExactMatchingState,
  matchingGradient,
  updateExactMatching,
} from "../../../../algorithms/imitation/distribution-matching/exact-matching.js";
import { distributionMatching } from "../../../../algorithms/imitation/distribution-matching.js";
import {
  outcomes,
  rowFeatures,
  twoWay,
  twoWayDemonstrations,
  twoWayModel,
} from "../../../../experiments/divergences/two-way.js";
import { collect, compare, train } from "../../../../index.js";
import { demonstratedOccupancy } from "../../../../src/datasets/occupancy.js";
import { type DivergenceKind, divergence, divergenceKinds } from "../../../../src/diagnostics/index.js";
import { problemOf } from "../../../../src/env/problem.js";
import { tabularEnvironment } from "../../../../src/env/tabular-environment.js";
import { stateActionOccupancy, valueIteration } from "../../../../src/mdp/index.js";
import { TabularPolicy, tabulate } from "../../../../src/policies/index.js";
import { createRng } from "../../../../src/random/rng.js";
import { restore, snapshot } from "../../../../src/state/snapshot.js";
import { walk } from "../../../support/walk.js";

const features = rowFeatures();

const model = twoWayModel();

/** The occupancy of what exact matching learns of the two-way drives. */
async function matched(kind: DivergenceKind, seed: number, episodes: number, left = episodes / 2) {
  const demonstrations = twoWayDemonstrations(episodes, left);
  const algorithm = distributionMatching({
    demonstrations,
    divergence: kind,
    estimator: "exact",
    features,
    updates: 400,
  });
  const { policy, metrics } = await train.run(algorithm, { env: twoWay, seed });
  return { pairs: stateActionOccupancy(model, await tabulate(policy, model)), last: metrics.at(-1)! };
}

describe("exact matching", () => {
  it.each(
    divergenceKinds,
  )("of %s has the gradient of finite differences, also in feature weights", async (kind) => {
    const problem = await problemOf(twoWay);
    const options = { divergence: kind, updates: 1, learningRate: 1, smoothing: 0.01, features };
    const { trajectories } = twoWayDemonstrations(4, 1);
    const state = createExactMatching(problem, trajectories, options, createRng(0));
    createRng("weights").fillNormal(state.weights);
    const { gradient } = matchingGradient(state, kind);
    const h = 1e-6;
    for (let i = 0; i < gradient.length; i += 2) {
      const moved = (by: number) =>
        matchingGradient({ ...state, weights: state.weights.map((w, j) => (i === j ? w + by : w)) }, kind)
          .value;
      expect(Math.abs(gradient[i] - (moved(h) - moved(-h)) / (2 * h))).toBeLessThan(1e-6);
    }
  });

  it("of kl splits into the likelihood terms of actions and of states", async () => {
    const { pairs, last } = await matched("kl", 0, 10);
    const target = demonstratedOccupancy(model, twoWayDemonstrations(10).trajectories);
    const marginal = (d: Float64Array) =>
      Float64Array.from({ length: model.states }, (_, s) => d[3 * s] + d[3 * s + 1] + d[3 * s + 2]);
    const [p, q] = [marginal(target), marginal(pairs)];
    const action = target.reduce((sum, d, pair) => {
      const s = Math.floor(pair / 3);
      return d === 0 ? sum : sum + d * Math.log(d / p[s] / (pairs[pair] / q[s]));
    }, 0);
    expect(last.stateKl).toBeCloseTo(divergence("kl", p, q), 3);
    expect(last.actionKl).toBeCloseTo(action, 3);
    expect(last.divergence).toBeCloseTo(last.stateKl + last.actionKl, 12);
  });

  it.each(divergenceKinds)("of %s reaches the expert's occupancy", async (kind) => {
    const env = "FrozenLake-v1";
    const { model } = await problemOf(env);
    const expert = new TabularPolicy(model!.states, valueIteration(model!).policy);
    const demonstrations = await collect(expert, { env, episodes: 300, seed: 0, deterministic: true });
    const algorithm = distributionMatching({ demonstrations, divergence: kind, estimator: "exact" });
    const { policy, metrics } = await train.run(algorithm, { env, seed: 0 });
    const { exact } = await compare(expert, policy, { env, sampled: false, deterministic: false });
    expect(exact!.occupancy.totalVariation).toBeLessThan(0.1);
    expect(exact!.gap).toBeLessThan(0.15 * exact!.expertValue);
    expect(exact!.gap).toBeLessThanOrEqual(exact!.bound);
    expect(metrics.at(-1)!.divergence).toBeLessThan(0.2 * metrics[0].divergence);
  });

  it("spreads a fraction of the occupancy over all pairs, of terminal states one, for reverse KL alone", async () => {
    const problem = await problemOf(() => tabularEnvironment("Walk", walk));
    const episode = {
      observations: Float32Array.of(0, 1, 2),
      actions: Int32Array.of(1, 1),
      rewards: Float64Array.of(1, 1),
      terminated: true,
      truncated: false,
    };
    const of = (kind: DivergenceKind) => {
      const options = { divergence: kind, updates: 1, learningRate: 1, smoothing: 0.01 };
      return createExactMatching(problem, [episode], options, createRng(0)).live.target;
    };
    // γ = ½: half of the mass in state 0, a quarter in state 1, and the rest after the end.
    const plain = [0, 0.5, 0, 0.25, 0.25, 0];
    for (const [pair, x] of of("kl").entries()) expect(x).toBeCloseTo(plain[pair], 12);
    for (const [pair, x] of of("reverse-kl").entries()) {
      expect(x).toBeCloseTo(pair === 5 ? 0 : 0.99 * plain[pair] + 0.01 / 5, 12);
    }
  });

  it("takes steps of Adam that shrink to 0 over the updates", async () => {
    const problem = await problemOf(twoWay);
    const options = { divergence: "js" as const, updates: 4, learningRate: 0.5, smoothing: 0.01, features };
    const { trajectories } = twoWayDemonstrations(4, 1);
    const state = createExactMatching(problem, trajectories, options, createRng(0));
    const size = state.weights.length;
    // At first the policy is nearly uniform: the weights are normal numbers of deviation 0.01.
    const deviation = Math.hypot(...state.weights) / Math.sqrt(size);
    expect(Math.abs(deviation / 0.01 - 1)).toBeLessThan(4 / Math.sqrt(2 * size));
    expect(size).toBeGreaterThan(20);
    const [first, second] = [new Float64Array(size), new Float64Array(size)];
    for (const [k, rate] of [0.5, 0.375, 0.25, 0.125, 0].entries()) {
      const before = state.weights.slice();
      const { gradient, value } = matchingGradient(state, "js");
      expect(updateExactMatching(state, options)).toEqual({ steps: k + 1, divergence: value });
      for (let i = 0; i < size; i++) {
        first[i] = 0.9 * first[i] + 0.1 * gradient[i];
        second[i] = 0.999 * second[i] + 0.001 * gradient[i] ** 2;
        const [mean, square] = [first[i] / (1 - 0.9 ** (k + 1)), second[i] / (1 - 0.999 ** (k + 1))];
        const step = square > 1e-16 ? (rate * mean) / Math.sqrt(square) : 0;
        if (square > 1e-16) expect(before[i] - state.weights[i]).toBeCloseTo(step, 5);
      }
    }
  });

  it("resumes from a checkpoint with bit-identical parameters", async () => {
    const problem = await problemOf(twoWay);
    const algorithm = distributionMatching({
      demonstrations: twoWayDemonstrations(10),
      estimator: "exact",
      updates: 20,
    });
    const fresh = async () => (await algorithm.init(problem, createRng(0))) as ExactMatchingState;
    const [straight, cut, resumed] = [await fresh(), await fresh(), await fresh()];
    for (let i = 0; i < 20; i++) await algorithm.update(straight);
    for (let i = 0; i < 10; i++) await algorithm.update(cut);
    restore(resumed, snapshot(cut));
    for (let i = 0; i < 10; i++) await algorithm.update(resumed);
    expect(resumed.weights).toEqual(straight.weights);
    expect(algorithm.done!(resumed)).toBe(true);
  });

  it("needs a model that contains the demonstrated states", async () => {
    const demonstrations = await collect(await train("valueIteration", { env: "FrozenLake-v1" }), {
      env: "FrozenLake-v1",
      episodes: 1,
    });
    const exactly = (extra = {}) => distributionMatching({ demonstrations, estimator: "exact", ...extra });
    const problem = await problemOf("FrozenLake-v1");
    await expect(exactly().init({ ...problem, model: undefined }, createRng(0))).rejects.toThrow(
      /no exact model; set estimator to "density-ratio"/,
    );
    await expect(exactly({ features: [[1], [2]] }).init(problem, createRng(0))).rejects.toThrow(
      /features must be 16 rows/,
    );
  });
});

describe("demonstrations that pass an obstacle on both sides, and a learner that does not observe the side", () => {
  it("under forward KL the policy covers both sides, and crashes in about half of the episodes", async () => {
    const { left, right, crash } = outcomes((await matched("kl", 0, 10)).pairs);
    // It is behaviour cloning here, and each of two independent steps goes to either side.
    expect(left).toBeCloseTo(0.25, 2);
    expect(right).toBeCloseTo(0.25, 2);
    expect(crash).toBeCloseTo(0.5, 2);
  });

  it("under reverse KL the policy picks one side, and the side differs between seeds", async () => {
    const sides = [];
    for (const seed of [0, 1, 2, 3]) {
      const { pairs, last } = await matched("reverse-kl", seed, 10);
      const { left, right, crash } = outcomes(pairs);
      expect(crash).toBeLessThan(0.01);
      expect(Math.max(left, right)).toBeGreaterThan(0.99);
      // Half of what the expert does is as near as one side comes: KL = log 2.
      expect(last.divergence).toBeCloseTo(Math.LN2, 1);
      sides.push(left > right);
    }
    expect(new Set(sides).size).toBe(2);
  });

  it("if all experts pass on one side, both divergences choose that side", async () => {
    for (const kind of ["kl", "reverse-kl"] as const) {
      expect(outcomes((await matched(kind, 0, 10, 10)).pairs).left).toBeGreaterThan(0.97);
    }
  });

  it("each divergence is smallest for the policy that was trained to minimise it", async () => {
    const target = demonstratedOccupancy(model, twoWayDemonstrations(10).trajectories);
    const learnt = await Promise.all(divergenceKinds.map(async (kind) => (await matched(kind, 0, 10)).pairs));
    const smoothed = target.map((p) => 0.999 * p + 0.001 / target.length);
    divergenceKinds.forEach((kind, i) => {
      const values = learnt.map((d) => divergence(kind, kind === "reverse-kl" ? smoothed : target, d));
      expect(values[i]).toBeLessThanOrEqual(Math.min(...values) + 0.01);
    });
  });
});
