/** Bayes-optimal returns against known values, a search through all plans, and the returns of a Bayesian agent. */

import { describe, expect, it } from "vitest";
import { bernoulliBandit, makeVector } from "../../envs/index.js";
import { gridNavi, gridNaviClusters } from "../../envs/tasks/grid-navi.js";
import type { TabularModel } from "../../src/env/contracts.js";
import {
  bayesOptimalReturn,
  bernoulliBanditReturn,
  finiteHorizonValueIteration,
  tabularModel,
} from "../../src/mdp/index.js";
import { createRng, type Rng } from "../../src/random/rng.js";

/** The tasks of GridNaviClusters-v0 as exact models. */
function clusterModels(options: Parameters<typeof gridNaviClusters>[0] = {}): TabularModel[] {
  const { tasks } = gridNaviClusters(options);
  const corners = [
    [0, 1, 5, 6],
    [3, 4, 8, 9],
    [15, 16, 20, 21],
    [18, 19, 23, 24],
  ];
  return corners.flatMap((cells, cluster) => cells.map((goal) => tasks!.model!({ cluster, goal })));
}

const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

/** The mean return of an episode of agents that know their task. */
const knownReturn = (models: readonly TabularModel[], horizon: number) =>
  mean(
    models.map((model) => finiteHorizonValueIteration(model, { horizon }).values[model.initial.indexOf(1)]),
  );

describe("bayesOptimalReturn", () => {
  it("is 4.6875 in one episode of GridNaviClusters-v0, and 17.35 in two", () => {
    const models = clusterModels();
    expect(bayesOptimalReturn(models, { horizon: 15 })).toBeCloseTo(4.6875, 9);
    expect(bayesOptimalReturn(models, { horizon: 15, episodes: 2 })).toBeCloseTo(17.35, 9);
    expect(knownReturn(models, 15)).toBeCloseTo(12.8, 9);
  });

  it.each([
    { hint: -0.05, values: [9.025, 21.875, 34.725, 47.575], known: 12.85 },
    { hint: 0, values: [9.1, 22, 34.9, 47.8], known: 12.9 },
  ])("is known in trials of 1 to 4 episodes with the hint $hint", ({ hint, values, known }) => {
    const models = clusterModels({ hint });
    for (const [k, value] of values.entries()) {
      expect(bayesOptimalReturn(models, { horizon: 15, episodes: k + 1 })).toBeCloseTo(value, 9);
    }
    expect(knownReturn(models, 15)).toBeCloseTo(known, 9);
  });

  it("is the return of the best adaptive plan, found by a search through all plans", () => {
    const rng = createRng("routes");
    for (let trial = 0; trial < 5; trial++) {
      const models = [0, 1, 2].map(() => randomRoutes(rng));
      const [horizon, episodes] = [3, 2];
      const found = bayesOptimalReturn(models, { horizon, episodes });
      expect(found).toBeCloseTo(bestPlan(models, horizon, episodes), 10);
      expect(found).toBeLessThanOrEqual(episodes * knownReturn(models, horizon) + 1e-12);
    }
  });

  it("is the return of the optimal policy for one task", () => {
    const [model] = clusterModels();
    const { values } = finiteHorizonValueIteration(model, { horizon: 6 });
    expect(bayesOptimalReturn([model], { horizon: 6, episodes: 3 })).toBeCloseTo(3 * values[12], 10);
  });

  it("refuses tasks of different shapes, random outcomes and more tasks than fit", () => {
    const [model] = clusterModels();
    const [small] = clusterModels({ size: 3 }).slice(0, 1);
    expect(() => bayesOptimalReturn([model, small], { horizon: 3 })).toThrow(
      "task 1 has 9 states and 5 actions, and task 0 has 25 and 5",
    );
    const bandit = bernoulliBandit({ arms: 2 }).tasks!.model!({ cluster: 0, means: [0.5, 0.5] });
    expect(() => bayesOptimalReturn([bandit], { horizon: 3 })).toThrow("with one transition for each pair");
    expect(() => bayesOptimalReturn(new Array(21).fill(model), { horizon: 3 })).toThrow(
      "21 models with 25 states",
    );
    expect(() => bayesOptimalReturn([model], { horizon: 0 })).toThrow("horizon must be a positive integer");
    expect(() => bayesOptimalReturn([], { horizon: 3 })).toThrow("at least one task");
  });
});

/** A deterministic model with 4 states, 2 actions and rewards 0 and 1, so that outcomes of several models are alike. */
const randomRoutes = (rng: Rng): TabularModel =>
  tabularModel({
    states: 4,
    actions: 2,
    initial: 0,
    discount: 0.9,
    transitions: () => [{ next: rng.integer(4), probability: 1, reward: rng.integer(2) }],
  });

/** The largest expected return by recursion over histories, with the tasks as a list. */
function bestPlan(models: readonly TabularModel[], horizon: number, episodes: number): number {
  const { actions } = models[0];
  const value = (left: readonly TabularModel[], state: number, t: number): number => {
    if (t === horizon * episodes) return 0;
    const returns = Array.from({ length: actions }, (_, action) => {
      const pair = state * actions + action;
      return mean(
        left.map((task) => {
          const alike = left.filter(
            (other) => other.next[pair] === task.next[pair] && other.reward[pair] === task.reward[pair],
          );
          const start = task.initial.indexOf(1);
          const next = (t + 1) % horizon === 0 ? start : task.next[pair];
          return task.reward[pair] + value(alike, next, t + 1);
        }),
      );
    });
    return Math.max(...returns);
  };
  return value(models, models[0].initial.indexOf(1), 0);
}

describe("GridNavi-v0", () => {
  it("has a Bayes-optimal return of 4 in the first episode and of 11.0714286 in each later one", () => {
    // Bounds: the goal is not found before step 2, then at best a new one of the 21 cells is seen at each of 14 steps;
    // later, no agent is better than one that knows the goal.
    const found = Array.from({ length: 14 }, (_, k) => 15 - (k + 1) - 0.1 * (k + 1));
    const first = (found.reduce((sum, x) => sum + x, 0) - 7 * 1.5) / 21;
    expect(first).toBeCloseTo(4, 9);
    // Witness: a path over 14 of the cells; the other 7 are on one shortest path, walked in the second episode.
    const environment = gridNavi();
    const [up, right, down, left, stay] = [0, 1, 2, 3, 4];
    const search = [up, up, up, up, right, right, right, down, down, down, left, up, up, left, down];
    const rest = [right, right, right, right, up, up, up, up];
    const goals = [...Array(25).keys()].filter((goal) => ![15, 16, 20, 21].includes(goal));
    const returns = goals.map((goal) => {
      environment.setTask!({ goal });
      const { observation } = environment.reset();
      let at = observation as number;
      let isFound = false;
      const walk = (next: (t: number) => number) => {
        let total = 0;
        for (let t = 0; t < 15; t++) {
          const step = environment.step(isFound && at === goal ? stay : next(t));
          at = step.observation as number;
          isFound ||= step.reward === 1;
          total += step.reward;
        }
        at = environment.reset().observation as number;
        return total;
      };
      const one = walk((t) => search[t]);
      const toGoal = () => {
        if (at % 5 !== goal % 5) return at % 5 < goal % 5 ? right : left;
        return up;
      };
      const two = walk(isFound ? toGoal : (t) => rest[t] ?? stay);
      return [one, two];
    });
    expect(mean(returns.map(([one]) => one))).toBeCloseTo(first, 9);
    const models = goals.map((goal) => environment.tasks!.model!({ cluster: 0, goal }));
    expect(knownReturn(models, 15)).toBeCloseTo(11.0714286, 7);
    expect(mean(returns.map(([, two]) => two))).toBeCloseTo(knownReturn(models, 15), 9);
  });
});

describe("bernoulliBanditReturn", () => {
  it.each([
    { arms: 1, pulls: 7, value: 3.5 },
    { arms: 2, pulls: 2, value: 13 / 12 },
    { arms: 2, pulls: 5, value: 2.8888889 },
    { arms: 2, pulls: 10, value: 6.0217857 },
    { arms: 2, pulls: 50, value: 31.9967119 },
    { arms: 5, pulls: 10, value: 6.6599879 },
    { arms: 10, pulls: 10, value: 6.7139512 },
  ])("is $value for $arms arms and $pulls pulls", ({ arms, pulls, value }) => {
    expect(bernoulliBanditReturn(arms, pulls)).toBeCloseTo(value, 6);
  });

  it("is the mean return of an agent that repeats a win and leaves a loss, for 2 arms and 2 pulls", async () => {
    const vector = await makeVector(() => bernoulliBandit({ arms: 2, maxEpisodeSteps: 2 }), 4000);
    vector.reset({ seed: 1 });
    const actions = new Int32Array(4000);
    vector.step(actions);
    const first = Float64Array.from(vector.rewards);
    for (const [i, reward] of first.entries()) actions[i] = 1 - reward;
    vector.step(actions);
    const returns = Array.from(vector.rewards, (reward, i) => reward + first[i]);
    expect(Math.abs(mean(returns) - bernoulliBanditReturn(2, 2))).toBeLessThan(4 * Math.sqrt(0.8 / 4000));
  });

  it("refuses anything but positive integers", () => {
    expect(() => bernoulliBanditReturn(0, 3)).toThrow("arms must be a positive integer, not 0");
    expect(() => bernoulliBanditReturn(2, 1.5)).toThrow("pulls must be a positive integer, not 1.5");
  });
});
