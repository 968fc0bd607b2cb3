/** GridNavi: VariBAD's rules, goals and clusters, and optimal returns by brute force over the grid. */

import { describe, expect, it } from "vitest";
import { type GridTask, gridNavi, gridNaviClusters } from "../../../envs/tasks/grid-navi.js";
import { finiteHorizonValueIteration } from "../../../src/mdp/index.js";
import { createRng } from "../../../src/random/rng.js";
import { expectFrequencies, expectGoodFamily, sampleTasks, tally } from "./family.js";

const [UP, RIGHT, DOWN, LEFT, STAY] = [0, 1, 2, 3, 4];
const START = 20;

describe("GridNavi-v0", () => {
  it("is a valid task family", () => expectGoodFamily("GridNavi-v0"));

  it("starts at the bottom left, moves by its actions, and stays in place at the border", () => {
    const environment = gridNavi();
    expect(environment.reset().observation).toBe(START);
    const path = [DOWN, LEFT, RIGHT, UP, STAY, LEFT, LEFT].map(
      (action) => environment.step(action).observation,
    );
    expect(path).toEqual([20, 20, 21, 16, 16, 15, 15]);
  });

  it("has reward 1 for each step on the goal and −0.1 for other steps, and does not terminate", () => {
    const environment = gridNavi();
    environment.setTask!({ goal: 22 });
    environment.reset();
    const results = [RIGHT, RIGHT, STAY, UP, DOWN].map((action) => environment.step(action));
    expect(results.map(({ reward }) => reward)).toEqual([-0.1, 1, 1, -0.1, 1]);
    expect(results.some(({ terminated, truncated }) => terminated || truncated)).toBe(false);
  });

  it("has episodes of 15 steps and trials of 4", () => {
    const environment = gridNavi();
    const task = environment.reset({ seed: 1 }) && environment.getTask!();
    for (let step = 1; step <= 60; step++) {
      const { truncated, info } = environment.step(STAY);
      expect([truncated, info.trialEnded]).toEqual([step % 15 === 0, step === 60]);
      expect(environment.getTask!()).toEqual(task);
      if (truncated) environment.reset();
    }
    const later = Array.from({ length: 20 }, () => environment.reset() && environment.getTask!());
    expect(later.some((other) => (other as GridTask).goal !== (task as GridTask).goal)).toBe(true);
  });

  it("draws the goal from the 21 cells that are neither the start nor next to it", () => {
    const goals = tally(
      sampleTasks<GridTask>(gridNavi(), 4200).map(({ goal }) => goal),
      25,
    );
    const possible = [...goals.keys()].filter((cell) => ![15, 16, 20, 21].includes(cell));
    expectFrequencies(
      possible.map((cell) => goals[cell]),
      new Array(21).fill(1 / 21),
    );
    expect([15, 16, 20, 21].map((cell) => goals[cell])).toEqual([0, 0, 0, 0]);
  });

  it("has a model with an optimal episode return of 15 − 1.1 (d − 1) at d moves from the goal", () => {
    const environment = gridNavi();
    for (let goal = 0; goal < 25; goal++) {
      const model = environment.tasks!.model!({ cluster: 0, goal });
      const { values } = finiteHorizonValueIteration(model, { horizon: 15 });
      for (let cell = 0; cell < 25; cell++) {
        const distance =
          Math.abs(Math.floor(cell / 5) - Math.floor(goal / 5)) + Math.abs((cell % 5) - (goal % 5));
        expect(values[cell]).toBeCloseTo(15 - 1.1 * Math.max(0, distance - 1), 10);
      }
    }
  });

  it("agrees with its model, and no sequence of actions has a higher return", () => {
    // All 5^7 sequences of 7 steps are too many to be clever about, and few enough to try.
    const environment = gridNavi({ size: 3, maxEpisodeSteps: 5 });
    const goal = 2;
    const model = environment.tasks!.model!({ cluster: 0, goal });
    const best = finiteHorizonValueIteration(model, { horizon: 5 }).values[6];
    environment.setTask!({ goal });
    let found = -Infinity;
    for (let code = 0; code < 5 ** 5; code++) {
      environment.reset();
      let total = 0;
      for (let step = 0, rest = code; step < 5; step++, rest = Math.floor(rest / 5)) {
        total += environment.step(rest % 5).reward;
      }
      found = Math.max(found, total);
    }
    expect(found).toBeCloseTo(best, 10);
  });

  it("agrees with its model along random walks, for random goals", () => {
    const environment = gridNavi();
    const rng = createRng("walk");
    for (const task of sampleTasks<GridTask>(environment, 10)) {
      const { next, reward } = environment.tasks!.model!(task);
      environment.setTask!(task);
      let state = environment.reset().observation as number;
      for (let step = 0; step < 15; step++) {
        const action = rng.integer(5);
        const result = environment.step(action);
        expect([result.observation, result.reward]).toEqual([
          next[5 * state + action],
          reward[5 * state + action],
        ]);
        state = result.observation as number;
      }
    }
  });

  it("renders itself as text and as SVG", () => {
    const environment = gridNavi({ size: 3 });
    environment.setTask!({ goal: 2 });
    environment.reset();
    expect(environment.render!()).toBe("..G\n...\n@..");
    expect(environment.renderSvg!()).toMatch(/^<svg [\s\S]*<circle [\s\S]*<\/svg>$/);
  });

  it("refuses goals off the grid, and grids without a cell for one", () => {
    const environment = gridNavi();
    expect(() => environment.setTask!({ goal: 25 })).toThrow('GridNavi-v0, task: option "goal" is 25');
    expect(() => environment.setTask!({ cluster: 1, goal: 0 })).toThrow('option "cluster" is 1');
    expect(() => gridNavi({ size: 2 })).toThrow('option "size" is 2');
  });
});

describe("GridNaviClusters-v0", () => {
  it("is a valid task family", () => expectGoodFamily("GridNaviClusters-v0"));

  it("draws goals of a cluster uniformly from the block in its corner, and starts in the middle", () => {
    const environment = gridNaviClusters();
    expect(environment.reset().observation).toBe(12);
    const corners = [
      [0, 1, 5, 6],
      [3, 4, 8, 9],
      [15, 16, 20, 21],
      [18, 19, 23, 24],
    ];
    const tasks = sampleTasks<GridTask>(environment, 4000);
    for (const [cluster, cells] of corners.entries()) {
      const goals = tasks.filter((task) => task.cluster === cluster).map(({ goal }) => cells.indexOf(goal));
      expect(Math.min(...goals)).toBe(0);
      expectFrequencies(tally(goals, 4), [0.25, 0.25, 0.25, 0.25]);
    }
  });

  it("pays the hint in the goal's corner, in steps and in the model", async () => {
    await expectGoodFamily("GridNaviClusters-v0", { hint: -0.05 });
    const environment = gridNaviClusters({ hint: -0.05 });
    const task = { cluster: 1, goal: 4 };
    environment.setTask!(task);
    environment.reset();
    const rewards = [RIGHT, UP, UP, RIGHT, STAY, DOWN, DOWN].map((action) => environment.step(action).reward);
    expect(rewards).toEqual([-0.1, -0.05, -0.05, 1, 1, -0.05, -0.1]);
    const { reward } = environment.tasks!.model!(task);
    expect([reward[5 * 13 + UP], reward[5 * 3 + RIGHT], reward[5 * 12 + STAY]]).toEqual([-0.05, 1, -0.1]);
    environment.setTask!({ cluster: 3, goal: 24 });
    environment.reset();
    expect([RIGHT, UP].map((action) => environment.step(action).reward)).toEqual([-0.1, -0.1]);
  });

  it("has the same reward everywhere off the goal by default", () => {
    const environment = gridNaviClusters();
    environment.setTask!({ cluster: 1, goal: 4 });
    environment.reset();
    expect([RIGHT, UP].map((action) => environment.step(action).reward)).toEqual([-0.1, -0.1]);
  });
});
