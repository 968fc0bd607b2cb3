/** @file Evaluation by trials: returns by episode, the tasks played, and the clusters that a policy infers. */

import { describe, expect, it } from "vitest";
import "../../envs/index.js";
import { make } from "../../envs/index.js";
import { nmi as nmiOf } from "../../src/diagnostics/clustering.js";
import type { Task } from "../../src/env/contracts.js";
import { collect } from "../../src/measure/collect.js";
import { compare } from "../../src/measure/compare.js";
import { distanceFrom } from "../../src/measure/distance.js";
import { evaluate } from "../../src/measure/evaluate.js";
import { evaluateTrials, stepsToInfer } from "../../src/measure/evaluate-trials.js";
import { policyLabeller } from "../../src/people/index.js";
import type { Policy } from "../../src/policies/contract.js";
import { MixturePolicy, UniformPolicy } from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";
import { taskSet } from "../../src/rollout/task-set.js";
import { box } from "../../src/spaces/index.js";

const env = "PointGoal-v0";
const spaces = { observationSpace: box([2], -Infinity, Infinity), actionSpace: box([2], -1, 1) };

/**
 * Stands still until a reward is seen, and infers a fixed cluster. In its second episode it moves to the right.
 * State: whether an episode has ended.
 */
const policy: Pick<Policy, "observationSpace" | "actionSpace" | "act" | "view"> = {
  ...spaces,
  view: "feedback",
  async act(rows, { state = new Float32Array(rows.length / 9) }) {
    const actions = new Float32Array(2 * state.length);
    const clusters = new Float32Array(4 * state.length);
    const next = state.map((moves, i) => Number(moves || rows[i * 9 + 5] === 1));
    for (const [i, moves] of next.entries()) {
      actions[2 * i] = moves;
      clusters[4 * i + (i % 4)] = 1;
    }
    return { actions, state: next, clusters };
  },
};

describe("evaluateTrials", () => {
  it("returns the sum of rewards of each episode of each trial", async () => {
    const tasks: Task[] = [
      { cluster: 0, goal: [1, 0] },
      { cluster: 2, goal: [-1, 0] },
    ];
    const { returns, mean, tasks: played } = await evaluateTrials(policy, { env, tasks });
    expect(played).toEqual(tasks);
    // Standing still, 20 steps at distance 1; then 10 steps towards the goal and 10 past it, or away from it.
    const towards = -Array.from({ length: 20 }, (_, t) => Math.abs(1 - 0.1 * (t + 1))).reduce(
      (a, b) => a + b,
    );
    const away = -Array.from({ length: 20 }, (_, t) => 1 + 0.1 * (t + 1)).reduce((a, b) => a + b);
    expect(returns[0][0]).toBeCloseTo(-20, 4);
    expect(returns[0][1]).toBeCloseTo(towards, 4);
    expect(returns[1][1]).toBeCloseTo(away, 4);
    expect(mean).toEqual([0, 1].map((k) => (returns[0][k] + returns[1][k]) / 2));
  });

  it("measures the inferred clusters against the true ones, step by step of the first episode", async () => {
    const family = (await make(env)).tasks!;
    const { test } = taskSet(family, { train: 0, test: 16 });
    const { nmi, nmiCeiling, inferred, clusters } = await evaluateTrials(policy, { env, tasks: test });
    expect(clusters).toEqual(Array.from({ length: 16 }, (_, k) => k % 4));
    // Before the first of 20 steps, and after each of them.
    expect(inferred).toHaveLength(21);
    expect(nmi).toHaveLength(21);
    expect(nmi![0]).toBeCloseTo(1, 10);
    const nearest = test.map((task) => family.nearestCluster!(task));
    expect(nearest).not.toEqual(clusters);
    expect(nmiCeiling).toBe(nmiOf(nearest, clusters!));
  });

  it("plays the tasks in turn, and depends on the seed alone", async () => {
    const tasks: Task[] = [{ cluster: 0, goal: [1, 0] }];
    const { returns } = await evaluateTrials(policy, { env, tasks, trials: 3 });
    expect(returns).toHaveLength(3);
    expect(returns[2]).toEqual(returns[0]);
    const drawn = () => evaluateTrials(policy, { env, trials: 130, seed: 5 });
    const [first, second] = [await drawn(), await drawn()];
    expect(second).toEqual(first);
    expect(new Set(first.tasks.map((task) => JSON.stringify(task))).size).toBe(130);
  });

  it("plays a controller too", async () => {
    const { mean } = await evaluateTrials(() => [0, 0], { env, trials: 4 });
    for (const value of mean) expect(value).toBeCloseTo(-20, 4);
  });

  it("refuses an environment without tasks", async () => {
    await expect(evaluateTrials(() => 0, { env: "CartPole-v1" })).rejects.toThrow(
      "but CartPole-v1 is one task: evaluate whole episodes",
    );
  });
});

describe("stepsToInfer", () => {
  it("is the first step at 95 % of the largest agreement", () => {
    expect(stepsToInfer([0, 0.4, 0.48, 0.5, 0.2])).toBe(2);
    expect(stepsToInfer([0.5, 0.5])).toBe(0);
    expect(stepsToInfer([0, 0])).toBeNaN();
  });
});

describe("other measures of a policy that adapts to its task", () => {
  it("play whole trials where episodes are enough", async () => {
    const options = { env, environmentOptions: { goals: "circle" }, seed: 1 };
    const { trajectories } = await collect(policy, { ...options, episodes: 5 });
    // It stands still in the first episode of each trial, and moves in the second.
    const moved = trajectories.map(({ actions }) => actions.includes(1));
    expect(moved).toEqual([false, true, false, true, false]);
    const { returns } = await evaluate(policy, { ...options, episodes: 4 });
    expect(returns.map((value) => Math.abs(value + 20) < 1e-3)).toEqual([true, false, true, false]);
  });

  it("refuse it where only observations are shown", async () => {
    const still = new UniformPolicy(spaces.observationSpace, spaces.actionSpace);
    await expect(distanceFrom(policy as Policy, { env })).rejects.toThrow(
      /distanceFrom: the expert adapts to its task/,
    );
    const measure = await distanceFrom(still, { env, episodes: 1 });
    await expect(measure(policy as Policy, createRng(0))).rejects.toThrow(
      /distanceFrom: the learner adapts to its task.*evaluateTrials/,
    );
    await expect(compare(still, policy as Policy, { env })).rejects.toThrow(/compare: the learner adapts/);
    expect(() => policyLabeller(policy as Policy)).toThrow(/cannot label single states/);
    expect(() => new MixturePolicy([policy as Policy], [1])).toThrow(/a policy of a mixture adapts/);
  });
});
