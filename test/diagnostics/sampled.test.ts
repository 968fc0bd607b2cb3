/** @file The comparison from samples, against an environment with known exact values. */

import { describe, expect, it } from "vitest";
import {
  actionDistance,
  mean,
  type SampledDiagnostics,
  sampledDiagnostics,
  std,
} from "../../src/diagnostics/index.js";
import { problemOf } from "../../src/env/problem.js";
import { finiteHorizonEvaluate, policyReturn, tabularModel, uniformTable } from "../../src/mdp/index.js";
import type { Policy } from "../../src/policies/contract.js";
import { TabularPolicy } from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";
import { box } from "../../src/spaces/index.js";
import { chainEnvironment } from "../support/chain.js";

/** The chain as a model; its time limit is the horizon. */
const chain = tabularModel({
  states: 8,
  actions: 2,
  discount: 0.9,
  initial: [0.5, 0.5, 0, 0, 0, 0, 0, 0],
  terminal: [7],
  transitions: (s, a) =>
    [1, -1].map((step) => {
      const next = Math.max(0, s + step);
      return { next, probability: (step === 1) === (a === 1) ? 0.8 : 0.2, reward: next === 7 ? 1 : -0.01 };
    }),
});
const trueReturn = (table: Float64Array) =>
  policyReturn(chain, finiteHorizonEvaluate(chain, table, { horizon: 30 }));
const goRight = (p: number) => Float64Array.from({ length: 16 }, (_, i) => (i % 2 ? p : 1 - p));
/** Goes right, except in state 3 where it is undecided: its losses are in few places. */
const hesitant = goRight(1).map((p, i) => (i >> 1 === 3 ? 0.5 : p));

async function compare(
  expert: Float64Array,
  learner: Float64Array,
  options: Partial<Parameters<typeof sampledDiagnostics>[3]> & { seed: number },
): Promise<SampledDiagnostics> {
  const { seed, ...rest } = options;
  return sampledDiagnostics(
    new TabularPolicy(8, expert),
    new TabularPolicy(8, learner),
    await problemOf(chainEnvironment),
    { rng: createRng(seed), deterministic: false, ...rest },
  );
}

describe("sampledDiagnostics", () => {
  it.each([
    ["stochastic policies that differ everywhere", goRight(0.9), goRight(0.6), 0.85],
    // Nearly all that it loses it loses in the few episodes that run out of time: 25 often hold none.
    ["a deterministic expert and a learner that hesitates in one state", goRight(1), hesitant, 0.4],
    ["a learner that is better than its expert", goRight(0.7), goRight(1), 0.85],
  ])("estimates the gap without bias by branching: %s", async (_, expert, learner, coverage) => {
    const truth = trueReturn(expert) - trueReturn(learner);
    const byLemma: number[] = [];
    let covered = 0;
    const trials = 60;
    for (let seed = 0; seed < trials; seed++) {
      const { performanceDifference } = await compare(expert, learner, {
        seed,
        episodes: 25,
        branchPoints: 3,
      });
      const { value, low, high } = performanceDifference!;
      byLemma.push(value);
      if (low <= truth && truth <= high) covered++;
    }
    const error = std(byLemma) / Math.sqrt(trials);
    expect(Math.abs(mean(byLemma) - truth)).toBeLessThan(3.5 * error);
    // Small enough to tell it from half or twice the truth.
    expect(error).toBeLessThan(Math.abs(truth) / 8);
    expect(covered / trials).toBeGreaterThan(coverage);
  });

  it("measures returns, gap and score", async () => {
    const result = await compare(goRight(1), hesitant, { seed: 1, episodes: 400, branchPoints: 0 });
    const [expert, learner, random] = [goRight(1), hesitant, uniformTable(chain)].map(trueReturn);
    for (const [summary, truth] of [
      [result.expert, expert],
      [result.learner, learner],
      [result.random, random],
    ] as const) {
      const error = std(summary.returns) / 20;
      expect(Math.abs(summary.value - truth)).toBeLessThan(4 * error + 1e-12);
      expect(summary.returns).toHaveLength(400);
      expect(summary.low).toBeLessThanOrEqual(summary.value);
      expect(summary.high).toBeGreaterThanOrEqual(summary.value);
    }
    expect(result.gap.low).toBeLessThan(expert - learner);
    expect(result.gap.high).toBeGreaterThan(expert - learner);
    expect(result.normalisedScore).toBeCloseTo((learner - random) / (expert - random), 1);
    expect(result.performanceDifference).toBeUndefined();
  });

  it("measures disagreement by modes and by probabilities", async () => {
    const { disagreement, totalVariation } = await compare(goRight(0.9), goRight(0.3), {
      seed: 2,
      episodes: 10,
    });
    expect(disagreement).toEqual({ onExpert: 1, onLearner: 1 });
    expect(totalVariation!.onExpert).toBeCloseTo(0.6, 12);
    expect(totalVariation!.onLearner).toBeCloseTo(0.6, 12);
  });

  it("needs no branches between a deterministic policy and itself", async () => {
    const result = await compare(goRight(1), goRight(1), { seed: 3, episodes: 10, deterministic: true });
    expect(result.gap).toEqual({ value: 0, low: 0, high: 0 });
    expect(result.performanceDifference).toEqual({ value: 0, low: 0, high: 0, residual: 0, branches: 0 });
    expect(result.normalisedScore).toBe(1);
    expect(result.disagreement).toEqual({ onExpert: 0, onLearner: 0 });
  });

  it("has no score if the expert is no better than a random policy", async () => {
    const result = await compare(goRight(0), goRight(1), { seed: 4, episodes: 20, branchPoints: 0 });
    expect(result.normalisedScore).toBeNaN();
  });

  it("uses about the requested number of branches", async () => {
    for (const branchPoints of [1, 4]) {
      const { performanceDifference } = await compare(goRight(1), goRight(0.5), {
        seed: 5,
        episodes: 50,
        branchPoints,
      });
      expect(performanceDifference!.branches / 50).toBeGreaterThan(0.6 * branchPoints);
      expect(performanceDifference!.branches / 50).toBeLessThan(1.6 * branchPoints);
    }
  });

  it("omits the lemma if the environment has no snapshots", async () => {
    const blind = () => ({ ...chainEnvironment(), getState: undefined, setState: undefined });
    const result = await sampledDiagnostics(
      new TabularPolicy(8, goRight(1)),
      new TabularPolicy(8, goRight(0.5)),
      await problemOf(blind),
      { rng: createRng(6), episodes: 5 },
    );
    expect(result.performanceDifference).toBeUndefined();
    expect(result.learner.returns).toHaveLength(5);
  });

  it("restores a recurrent expert's memory at every branch", async () => {
    const table = new TabularPolicy(8, goRight(1));
    /** Goes right for as long as it remembers every step of the episode. */
    let forgotten = 0;
    let clock = new Float32Array(0);
    const recurrent: Policy = {
      observationSpace: table.observationSpace,
      actionSpace: table.actionSpace,
      logProb: table.logProb.bind(table),
      toData: table.toData.bind(table),
      async act(observations, { state = new Float32Array(observations.length) }) {
        clock = state.map((steps) => steps + 1);
        // Nobody is in state 6 before the fifth step, so that a memory of fewer is a wrong one.
        observations.forEach((s, i) => {
          if (s === 6 && clock[i] < 5) forgotten++;
        });
        return { actions: new Int32Array(observations.length).fill(1), state: clock };
      },
    };
    const learner = new TabularPolicy(8, hesitant);
    const problem = await problemOf(chainEnvironment);
    const options = { rng: createRng(7), episodes: 20, deterministic: false };
    const { gap, performanceDifference } = await sampledDiagnostics(recurrent, learner, problem, options);
    expect(performanceDifference!.branches).toBeGreaterThan(10);
    expect(gap.value).toBeGreaterThan(-1);
    expect(forgotten).toBe(0);
  });
});

describe("actionDistance", () => {
  it("is the share of differing entries for discrete actions", () => {
    const space = { kind: "multi-discrete" as const, sizes: [3, 3] };
    expect(actionDistance(space, Int32Array.of(0, 1, 2, 2), Int32Array.of(0, 1, 2, 0), 0)).toBe(0);
    expect(actionDistance(space, Int32Array.of(0, 1, 2, 2), Int32Array.of(0, 1, 2, 0), 1)).toBe(0.5);
  });

  it("is the root mean square, as a share of the range, for boxes", () => {
    const a = Float32Array.of(-2, 0);
    expect(actionDistance(box([2], -2, 2), a, Float32Array.of(2, 0), 0)).toBeCloseTo(Math.SQRT1_2, 12);
    const unbounded = box([2], Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    expect(actionDistance(unbounded, a, Float32Array.of(1, 4), 0)).toBeCloseTo(Math.sqrt(12.5), 12);
  });
});
