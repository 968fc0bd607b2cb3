/** @file Tests of preference learning: its schedule, its answers, a claim with controls, and what it refuses. */

import { describe, expect, it } from "vitest";
import {
  annotator,
  type Labeller,
  type PreferenceLearningOptions,
  ppo,
  preferenceLearning,
} from "../../../algorithms/index.js";
import { comparisonsByRound } from "../../../algorithms/preferences/preference-learning.js";
import { evaluate, train } from "../../../index.js";
import { problemOf } from "../../../src/env/problem.js";
import { Paused } from "../../../src/people/labeller.js";
import { UniformPolicy } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { underSeeds } from "../../support/claim.js";

const ENV = "CartPole-v1";
const small: PreferenceLearningOptions = {
  optimiser: {
    algorithm: "ppo",
    environments: 4,
    rolloutSteps: 32,
    minibatchSize: 64,
    epochs: 2,
    hidden: [16],
  },
  comparisons: 12,
  rounds: 3,
  roundSteps: 128,
  segmentLength: 10,
  hidden: [8],
  epochs: 2,
};

describe("the comparisons of rounds", () => {
  it.each([
    ["constant", [10, 30, 30, 30]],
    ["hyperbolic", [10, 42, 27, 21]],
    ["inverse-quadratic", [10, 56, 23, 11]],
  ] as const)("by the %s schedule add up", (schedule, expected) => {
    const found = comparisonsByRound({ comparisons: 100, rounds: 4, initialShare: 0.1, schedule });
    expect(found.reduce((a, b) => a + b)).toBe(100);
    for (const [k, count] of found.entries()) expect(Math.abs(count - expected[k])).toBeLessThanOrEqual(1);
  });

  it("are all in the first round where there is only one", () => {
    expect(
      comparisonsByRound({ comparisons: 7, rounds: 1, initialShare: 0.1, schedule: "constant" }),
    ).toEqual([7]);
  });
});

describe("preference learning", () => {
  it("balances a pole from comparisons alone, and not where the answer is always left", async () => {
    const score = async (options: PreferenceLearningOptions, seed: number) => {
      const algorithm = preferenceLearning({ comparisons: 100, rounds: 4, roundSteps: 8000, ...options });
      const policy = await train(algorithm, { env: ENV, steps: 50_000, seed });
      return (await evaluate(policy, { env: ENV, episodes: 10, seed: 100 + seed })).mean;
    };
    const { claim, left } = await underSeeds([0, 1], { claim: {}, left: { annotator: { bias: 1 } } }, score);
    for (const value of claim) expect(value).toBeGreaterThan(300);
    for (const value of left) expect(value).toBeLessThan(200);
  }, 300_000);

  it("learns nothing before the first answer that decides, even with a quorum of 0", async () => {
    const stop = new AbortController();
    const silent: Labeller<"comparison"> = {
      kind: "silent",
      asks: "comparison",
      async *label({ queries }, signal) {
        yield [{ id: queries[0].id, choice: "equal" }];
        setTimeout(() => stop.abort(), 50);
        await new Promise((resolve) => signal?.addEventListener("abort", resolve));
      },
    };
    const algorithm = preferenceLearning({
      ...{ ...small, initialShare: 0.5, quorum: 0 },
      ...{ labeller: silent, signal: stop.signal },
    });
    const state = await algorithm.init(await problemOf(ENV), createRng(0));
    await expect(algorithm.update(state)).rejects.toThrow(Paused);
    expect([state.round, state.book.answered, state.learnerSteps]).toEqual([0, 1, 0]);
    expect(algorithm.outcome!(state)).toMatch(
      /^the reward learnt from 1 answers, \d+ questions are still open$/,
    );
  });

  it("uses the answers of a labeller, and forgets those that are withdrawn", async () => {
    const oracle = annotator();
    const wavering: Labeller<"comparison"> = {
      kind: "wavering",
      asks: "comparison",
      async *label(request, signal) {
        for await (const batch of oracle.label(request, signal)) yield [...batch, { id: 3, withdrawn: true }];
      },
    };
    const algorithm = preferenceLearning({ ...small, rounds: 1, labeller: wavering });
    const state = await algorithm.init(await problemOf(ENV), createRng(0));
    const metrics = await algorithm.update(state);
    expect(metrics).toMatchObject({ comparisons: 12, answered: 11, open: 0, round: 1 });
    expect(state.comparisons.map(({ id }) => id)).toEqual([1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(state.comparisons[0].annotator).toBe("oracle");
    const { segments, comparisons } = algorithm.preferences(state);
    expect(segments).toHaveLength(state.segments.length);
    expect(comparisons.map(({ id }) => id)).toEqual(state.comparisons.map(({ id }) => id));
    for (const [i, { choice }] of comparisons.entries()) {
      const { target } = state.comparisons[i];
      expect(choice).toBe(target === 1 ? "left" : target === 0 ? "right" : "equal");
    }
  });

  it("learns the same whatever the order of the answers", async () => {
    const oracle = annotator();
    const parametersWith = async (order: "forward" | "backward") => {
      const labeller: Labeller<"comparison"> = {
        kind: order,
        asks: "comparison",
        async *label(request, signal) {
          for await (const batch of oracle.label(request, signal)) {
            for (const answer of order === "forward" ? batch : batch.toReversed()) yield [answer];
          }
        },
      };
      const { state } = await train.run(preferenceLearning({ ...small, labeller }), {
        env: ENV,
        steps: 600,
        seed: 1,
      });
      return state.reward.parameters;
    };
    expect(await parametersWith("forward")).toEqual(await parametersWith("backward"));
  });

  it("stays at the reference where the weight of the divergence is large", async () => {
    const problem = await problemOf(ENV);
    const reference = new UniformPolicy(problem.observationSpace, problem.actionSpace);
    const shares = async (klCoefficient: number) => {
      const options = { ...small, ...(klCoefficient > 0 && { klCoefficient, reference }) };
      const policy = await train(preferenceLearning(options), { env: ENV, steps: 6000, seed: 2 });
      const rows = createRng(3).fillNormal(new Float32Array(4 * 200));
      const logProbs = await policy.logProb(rows, new Int32Array(200));
      return logProbs.reduce((sum, x) => sum + Math.abs(Math.exp(x) - 0.5), 0) / 200;
    };
    expect(await shares(100)).toBeLessThan(0.05);
    expect(await shares(0)).toBeGreaterThan(0.05);
  }, 60_000);

  it("refuses what cannot be learnt", async () => {
    const equal = preferenceLearning({ ...small, annotator: { equal: 1000 } });
    await expect(train(equal, { env: ENV, steps: 200 })).rejects.toThrow(
      /none of 1 comparisons tells which segment is better \(1 equal, 0 skipped\)/,
    );
    expect(() => preferenceLearning({ klCoefficient: 1 })).toThrow(/klCoefficient and reference together/);
    expect(() => preferenceLearning({ optimiser: ppo({ recurrentUnits: 4 }) })).toThrow(/policy with memory/);
    expect(() => preferenceLearning({ optimiser: ppo({ discount: 1 }) })).toThrow(
      /absorbing state is infinite/,
    );
  });
});
