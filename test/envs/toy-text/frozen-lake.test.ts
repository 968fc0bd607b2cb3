/** @file FrozenLake-v1: published maps and probabilities, and values from Gymnasium's transition tables. */

import { describe, expect, it } from "vitest";
import { frozenLake, make } from "../../../envs/index.js";
import { randomLake } from "../../../envs/toy-text/lake-map.js";
import { finiteHorizonValueIteration } from "../../../src/mdp/index.js";
import { optimalValues } from "../../support/tabular.js";

describe("FrozenLake-v1", () => {
  it.each([
    ["4x4", 0.5420259320004726],
    ["8x8", 0.414640361799988],
  ] as const)("has on %s the value of value iteration on Gymnasium's tables, %d", (map, value) => {
    expect(optimalValues(frozenLake({ map }).model!())[0]).toBeCloseTo(value, 8);
  });

  it("slips to either side with probability 1/3 each, and stays in place at the border", () => {
    const { rowStart, next, probability } = frozenLake().model!();
    const entries = (state: number, action: number) => {
      const pair = 4 * state + action;
      const range = Array.from({ length: rowStart[pair + 1] - rowStart[pair] }, (_, i) => rowStart[pair] + i);
      const sums: Record<number, number> = {};
      for (const entry of range) sums[next[entry]] = (sums[next[entry]] ?? 0) + probability[entry];
      return sums;
    };
    expect(entries(14, 1)).toEqual({
      13: expect.closeTo(1 / 3),
      14: expect.closeTo(1 / 3),
      15: expect.closeTo(1 / 3),
    });
    expect(entries(0, 0)).toEqual({ 0: expect.closeTo(2 / 3), 4: expect.closeTo(1 / 3) });
  });

  it("moves as intended if it is not slippery", async () => {
    const environment = await make("FrozenLake-v1", { slippery: false });
    environment.reset();
    const [down, right] = [1, 2];
    const path = [down, down, right, right, down].map((action) => environment.step(action).observation);
    expect(path).toEqual([4, 8, 9, 10, 14]);
    expect(environment.step(right)).toMatchObject({ observation: 15, reward: 1, terminated: true });
  });

  it("terminates in a hole, with reward 0", async () => {
    const environment = await make("FrozenLake-v1", { slippery: false });
    environment.reset();
    environment.step(2);
    expect(environment.step(1)).toMatchObject({
      observation: 5,
      reward: 0,
      terminated: true,
      truncated: false,
    });
  });

  it.each([
    ["FrozenLake-v1", {}, 16, 100],
    ["FrozenLake-v1", { map: "8x8" }, 64, 200],
    ["FrozenLake8x8-v1", {}, 64, 200],
    ["FrozenLake-v1", { maxEpisodeSteps: 7 }, 16, 7],
  ] as const)("%s %j has %i states and a limit of %i steps", async (id, options, n, limit) => {
    const environment = await make(id, { ...options, slippery: false });
    expect(environment.observationSpace).toEqual({ kind: "discrete", n });
    environment.reset();
    const ends = Array.from({ length: limit }, () => environment.step(0));
    expect(ends.findIndex(({ truncated }) => truncated)).toBe(limit - 1);
    expect(ends.some(({ terminated }) => terminated)).toBe(false);
  });

  it.each([
    ["4x4", 5000, 14 / 17, 6],
    // What Gymnasium's registration calls the optimum, within its time limits.
    ["4x4", 100, 0.74, 2],
    ["8x8", 200, 0.91, 2],
  ] as const)("lets the optimal policy on %s cross within %i steps with probability %d", (map, horizon, p, digits) => {
    const { values } = finiteHorizonValueIteration(frozenLake({ map }).model!(), { horizon });
    expect(values[0]).toBeCloseTo(p, digits);
  });

  it("accepts a user-defined map, with its probabilities and rewards", () => {
    const environment = frozenLake({
      layout: ["SFH", "FFG"],
      successRate: 1,
      rewardSchedule: [10, -5, -1],
    });
    const play = (actions: number[]) => {
      environment.reset();
      return actions
        .map((action) => environment.step(action))
        .map(({ reward, terminated }) => [reward, terminated]);
    };
    expect(play([1, 2, 2])).toEqual([
      [-1, false],
      [-1, false],
      [10, true],
    ]);
    expect(play([2, 2])).toEqual([
      [-1, false],
      [-5, true],
    ]);
    environment.reset();
    expect(environment.render!()).toBe("@FH\nFFG");
    expect(environment.renderSvg!()).toMatch(/^<svg[\s\S]*<circle cx="24" cy="24"[\s\S]*<\/svg>$/);
  });

  it("reports the probability of the transition in info", () => {
    const environment = frozenLake({ successRate: 0.6 });
    expect(environment.reset({ seed: 1 }).info).toEqual({ prob: 1 });
    const seen = new Set(
      Array.from({ length: 40 }, () => {
        environment.reset({ options: { state: 9 } });
        const { observation, info } = environment.step(1);
        return `${observation} ${(info.prob as number).toFixed(3)}`;
      }),
    );
    expect([...seen].sort()).toEqual(["10 0.200", "13 0.600", "8 0.200"]);
  });

  it("generates crossable random maps by seed, with about the requested share of ice", () => {
    const maps = Array.from({ length: 40 }, (_, seed) =>
      randomLake({ size: 6, frozenProbability: 0.7, seed }),
    );
    expect(maps[3]).toEqual(randomLake({ size: 6, frozenProbability: 0.7, seed: 3 }));
    expect(new Set(maps.map(String)).size).toBe(40);
    for (const layout of maps) {
      expect([layout.length, layout[0][0], layout[5][5]]).toEqual([6, "S", "G"]);
      const { values } = finiteHorizonValueIteration(frozenLake({ layout, slippery: false }).model!(), {
        horizon: 36,
      });
      expect(values[0]).toBe(1);
    }
    const ice = maps.join("").replace(/[^F]/g, "").length / (40 * 34);
    expect(ice).toBeGreaterThan(0.68);
    expect(ice).toBeLessThan(0.85);
    const { grid } = frozenLake({ map: "random", size: 5, layoutSeed: "x" }).model!();
    expect([grid!.rows, grid!.columns]).toEqual([5, 5]);
  });

  it.each([
    [{ layout: ["SF", "F"] }, /row 1 has 1 cells, but row 0 has 2/],
    [{ layout: ["SX"] }, /row 0 column 1 is "X", not one of S start, F ice, H hole, G goal/],
    [{ layout: ["FG"] }, /no start "S"/],
    [
      { map: "random", frozenProbability: 0, size: 3 },
      /can be crossed: lower option "size" or raise "frozenProbability"/,
    ],
    [{ map: "16x16" }, /FrozenLake-v1: option "map" is "16x16"/],
    [{ successRate: 2 }, /"successRate" is 2/],
  ])("refuses %j", (options, message) => {
    expect(() => frozenLake(options as object)).toThrow(message);
  });
});
