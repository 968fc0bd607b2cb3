/** @file Finite task sets: shares of clusters, disjoint tests, and the same set for the same seed. */

import { describe, expect, it } from "vitest";
import { make } from "../../envs/index.js";
import { taskSet } from "../../src/rollout/task-set.js";

const familyOf = async (id: string) => (await make(id)).tasks!;

describe("taskSet", () => {
  it("draws task k from cluster k modulo their number, the first for training", async () => {
    const family = await familyOf("PointGoal-v0");
    const { train, test } = taskSet(family, { train: 10, test: 6 });
    const clusters = [...train, ...test].map((task) => family.clusterOf(task));
    expect(clusters).toEqual(Array.from({ length: 16 }, (_, k) => k % 4));
    expect([train.length, test.length]).toEqual([10, 6]);
  });

  it("depends on its seed alone, and task k not on the number of tasks", async () => {
    const family = await familyOf("PointGoal-v0");
    const set = taskSet(family, { train: 8, test: 4, seed: 3 });
    expect(taskSet(family, { train: 8, test: 4, seed: 3 })).toEqual(set);
    expect(taskSet(family, { train: 8, test: 4, seed: 4 })).not.toEqual(set);
    expect(taskSet(family, { train: 20, test: 4, seed: 3 }).train.slice(0, 8)).toEqual(set.train);
  });

  it("has no test task among the training tasks, and says so where that is impossible", async () => {
    const family = await familyOf("GridNavi-v0");
    const { train, test } = taskSet(family, { train: 10, test: 5 });
    const seen = new Set(train.map((task) => JSON.stringify(task)));
    for (const task of test) expect(seen.has(JSON.stringify(task))).toBe(false);
    expect(() => taskSet(family, { train: 500, test: 5 })).toThrow(
      "too few different tasks for disjoint sets",
    );
  });

  it("needs a family", async () => {
    expect(() => taskSet(undefined)).toThrow("taskSet needs a task family");
  });

  it("may leave the clusters as they are drawn", async () => {
    const family = await familyOf("PointGoal-v0");
    const { train } = taskSet(family, { train: 40, test: 1, balanced: false });
    const clusters = train.map((task) => family.clusterOf(task));
    expect(clusters).not.toEqual(Array.from({ length: 40 }, (_, k) => k % 4));
  });
});
