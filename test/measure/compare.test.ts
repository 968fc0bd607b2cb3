/** @file The results of `compare`, and the agreement of its exact and its sampled part. */

import "../../envs/index.js";
import { describe, expect, it } from "vitest";
import { valueIteration } from "../../algorithms/index.js";
import { problemOf } from "../../src/env/problem.js";
import { UsageError } from "../../src/errors.js";
import { actionValues, averageActions, evaluatePolicy, policyReturn } from "../../src/mdp/index.js";
import { type CompareOptions, compare } from "../../src/measure/compare.js";
import { TabularPolicy, TimeIndexedPolicy } from "../../src/policies/index.js";
import { train } from "../../src/runs/train.js";
import { chainEnvironment } from "../support/chain.js";

const LAKE = "FrozenLake-v1";
const uniform = new TabularPolicy(16, new Float64Array(64).fill(0.25));
const goRight = (p: number) =>
  new TabularPolicy(
    8,
    Float64Array.from({ length: 16 }, (_, i) => (i % 2 ? p : 1 - p)),
  );

describe("compare", () => {
  it("cuts episodes and branches that never end, and counts them", async () => {
    const still = (action: number) =>
      new TabularPolicy(
        48,
        Float64Array.from({ length: 48 * 4 }, (_, k) => Number(k % 4 === action)),
      );
    const { sampled } = await compare(still(0), still(3), {
      env: "CliffWalking-v1",
      episodes: 2,
      maxEpisodeSteps: 40,
      branchPoints: 3,
    });
    const { expert, learner, gap, performanceDifference } = sampled;
    expect([expert.value, learner.value]).toEqual([-40, -40]);
    expect([expert.truncatedByLimit, learner.truncatedByLimit]).toEqual([2, 2]);
    expect(performanceDifference).toMatchObject({ value: gap.value });
    expect(performanceDifference!.branches).toBeGreaterThan(0);
  });

  it("is exact and sampled if the environment has a model", async () => {
    const expert = await train(valueIteration(), { env: LAKE });
    const { exact, sampled } = await compare(expert, uniform, { env: LAKE, seed: 1, deterministic: false });
    expect(exact!.gap).toBeGreaterThan(0.3);
    expect(exact!.forward.residual).toBeLessThan(1e-8);
    expect(sampled.gap.low).toBeGreaterThan(0);
  });

  it("is exact for a time-dependent policy, which keeps its last table after the horizon", async () => {
    const { model } = await problemOf(LAKE);
    const expert = await train(valueIteration(), { env: LAKE });
    // Left, down, right and up at the first four times, then up for ever.
    const turns = Float64Array.from({ length: 4 * 64 }, (_, i) => Number(i % 4 === Math.floor(i / 64)));
    const learner = new TimeIndexedPolicy(16, 4, turns);
    const { exact } = await compare(expert, learner, { env: LAKE, sampled: false });
    let values = evaluatePolicy(model!, turns.subarray(3 * 64));
    for (let t = 2; t >= 0; t--) {
      const q = actionValues(model!, values, model!.discount);
      values = averageActions(model!, turns.subarray(t * 64, (t + 1) * 64), q);
    }
    expect(exact!.learnerValue).toBeCloseTo(policyReturn(model!, values), 10);
    expect(exact!.gap).toBeLessThanOrEqual(exact!.bound);
    for (const { residual, value, perState } of [exact!.forward, exact!.reverse]) {
      expect(residual).toBeLessThan(1e-8);
      expect(perState.length).toBe(16);
      expect(perState.reduce((a, b) => a + b)).toBeCloseTo(value, 10);
    }
    expect(exact!.states.learner.reduce((a, b) => a + b)).toBeCloseTo(1, 8);
    // One that is the same at all times is compared as one without them.
    const still = new TimeIndexedPolicy(16, 3, new Float64Array(3 * 64).fill(0.25));
    const [timed, plain] = [
      await compare(expert, still, { env: LAKE, sampled: false, deterministic: false }),
      await compare(expert, uniform, { env: LAKE, sampled: false, deterministic: false }),
    ];
    expect(timed.exact!.gap).toBeCloseTo(plain.exact!.gap, 10);
    expect(timed.exact!.epsilon).toBeCloseTo(plain.exact!.epsilon, 10);
    for (const [s, x] of plain.exact!.states.learner.entries()) {
      expect(timed.exact!.states.learner[s]).toBeCloseTo(x, 8);
    }
  });

  it("runs no episodes without the sampled part", async () => {
    const result = await compare(uniform, uniform, { env: LAKE, sampled: false });
    expect(result).toMatchObject({ exact: { gap: 0 } });
    expect(result).not.toHaveProperty("sampled");
  });

  it("is only sampled without a model", async () => {
    const { exact, sampled } = await compare(goRight(1), goRight(0), { env: chainEnvironment, episodes: 20 });
    expect(exact).toBeUndefined();
    expect(sampled.expert.value).toBeGreaterThan(0.8);
    expect(sampled.learner.value).toBeLessThan(0);
    expect(sampled.disagreement).toEqual({ onExpert: 1, onLearner: 1 });
  });

  it("gives the same for the same seed", async () => {
    const at = (seed: number) =>
      compare(goRight(1), goRight(0.6), {
        env: chainEnvironment,
        episodes: 5,
        deterministic: false,
        seed,
      });
    expect(await at(1)).toEqual(await at(1));
    expect(await at(1)).not.toEqual(await at(2));
  });

  it("explains invalid arguments", async () => {
    const other = compare(uniform, goRight(1), { env: LAKE });
    await expect(other).rejects.toThrow(
      /the learner has observations Discrete\(8\), but .* has Discrete\(16\)/,
    );
    const misspelt = compare(uniform, uniform, { env: LAKE, epsiodes: 3 } as CompareOptions);
    await expect(misspelt).rejects.toThrow(UsageError);
    await expect(misspelt).rejects.toThrow(/did you mean "episodes"/);
  });
});
