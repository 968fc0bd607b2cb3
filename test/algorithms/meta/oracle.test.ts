/** @file The oracle of clusters: what its learners play, the steps that it counts, its policy, and what it refuses. */

import { describe, expect, it } from "vitest";
import { type OracleOptions, oracle } from "../../../algorithms/index.js";
import type { OracleState } from "../../../algorithms/meta/oracle.js";
import "../../../envs/index.js";
import { pointGoal } from "../../../envs/points/point-goal.js";
import type { Environment, VectorEnvironment } from "../../../src/env/contracts.js";
import { problemOf } from "../../../src/env/problem.js";
import type { Algorithm } from "../../../src/learning/contract.js";
import { evaluateTrials } from "../../../src/measure/evaluate-trials.js";
import type { Policy } from "../../../src/policies/contract.js";
import { createRng } from "../../../src/random/rng.js";
import { train } from "../../../src/runs/train.js";
import { restore, snapshot } from "../../../src/state/snapshot.js";
import { reveal } from "../../support/reveal.js";

const small = {
  environments: 6,
  hidden: [4],
  encoderUnits: 3,
  latent: 1,
  vaeBatch: 4,
  vaeUpdates: 1,
  epochs: 1,
  minibatches: 1,
} satisfies OracleOptions;

const env = "PointGoal-v0";

async function started(options: OracleOptions = {}, family: () => Environment = () => reveal()) {
  const learner = oracle({ ...small, ...options }) as unknown as Algorithm<OracleState>;
  const state = await learner.init(await problemOf(family), createRng(0));
  return { learner, state, update: () => learner.update(state) };
}

const clustersOf = ({ count, getTask }: VectorEnvironment) =>
  Array.from({ length: count }, (_, i) => (getTask!(i) as { cluster: number }).cluster);

describe("the oracle", () => {
  it("plays with each learner the tasks of its cluster only, also in a family with one task a cluster", async () => {
    const { state, update } = await started();
    for (let round = 0; round < 4; round++) {
      await update();
      for (const [k, { environments }] of state.clusters.entries()) {
        expect(clustersOf(environments)).toEqual(new Array(6).fill(k));
      }
    }
    // The learners take turns: a trial is two episodes of two steps.
    expect(state.clusters.map(({ steps }) => steps)).toEqual([48, 48]);
  });

  it("plays only the training tasks of a cluster, if there is a training set", async () => {
    const few = await started({ tasks: { train: 8 } }, () => pointGoal({ maxEpisodeSteps: 2 }));
    for (const [k, { environments }] of few.state.clusters.entries()) {
      expect(clustersOf(environments)).toEqual(new Array(6).fill(k));
      const tasks = new Set(Array.from({ length: 6 }, (_, i) => JSON.stringify(environments.getTask!(i))));
      expect(tasks.size).toBe(2);
    }
  });

  it.each([
    ["shared", [24, 48, 72]],
    ["full", [12, 24, 36]],
  ] as const)("counts the steps of clusters that are %s", async (oracleFrames, expected) => {
    const { state, update } = await started({ oracleFrames });
    const steps = [];
    for (let round = 0; round < 3; round++) steps.push((await update()).steps);
    expect(steps).toEqual(expected);
    expect(state.turn).toBe(1);
  });

  it("continues from a snapshot bit for bit", async () => {
    const [whole, resumed] = [await started(), await started()];
    for (let k = 0; k < 3; k++) await whole.update();
    await resumed.update();
    restore(resumed.state, snapshot(whole.state));
    for (let k = 0; k < 2; k++) expect(await resumed.update()).toEqual(await whole.update());
    expect(snapshot(resumed.state)).toEqual(snapshot(whole.state));
  });

  it("acts in each row by the policy of the task's true cluster", async () => {
    const policy = await train(oracle({ ...small, environments: 2, hidden: [8], encoderUnits: 4 }), {
      env,
      steps: 700,
      seed: 0,
    });
    expect(policy.view).toBe("cluster");
    const { policies } = policy as unknown as { policies: Policy[] };
    expect(policies).toHaveLength(4);
    const tasks = [0, 1, 2, 3].map((cluster) => ({ cluster, goal: [1, 0] }));
    const { returns } = await evaluateTrials(policy, { env, tasks });
    for (const [k, single] of policies.entries()) {
      const own = await evaluateTrials(single, { env, tasks: [tasks[k]] });
      for (const e of [0, 1]) expect(own.returns[0][e]).toBeCloseTo(returns[k][e], 5);
    }
    expect(new Set(returns.map(String)).size).toBe(4);
  });

  it("refuses a family without clusters, and a single task", async () => {
    await expect(train(oracle(), { env: "GridNavi-v0" })).rejects.toThrow(
      "GridNavi-v0 has one cluster: use varibad",
    );
    await expect(train(oracle(), { env: "CartPole-v1" })).rejects.toThrow("CartPole-v1 has one task");
  });
});
