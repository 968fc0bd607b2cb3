/** @file Evaluation by trials: returns by episode, the tasks played, and the clusters that a policy infers. */

import { describe, expect, it } from "vitest";
import "../../envs/index.js";
import { make } from "../../envs/index.js";
import type { Task } from "../../src/env/contracts.js";
import { evaluateTrials } from "../../src/measure/evaluate-trials.js";
import type { Policy } from "../../src/policies/contract.js";
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
    const { nmi, inferred, clusters } = await evaluateTrials(policy, { env, tasks: test });
    expect(clusters).toEqual(Array.from({ length: 16 }, (_, k) => k % 4));
    expect(inferred).toHaveLength(20);
    expect(nmi).toHaveLength(20);
    expect(nmi![0]).toBeCloseTo(1, 10);
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
      "but CartPole-v1 is one task: choose a task family",
    );
  });
});
