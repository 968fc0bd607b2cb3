/** @file FrozenLake-v1: published maps and odds, and values that Gymnasium's own transition tables give. */

import { describe, expect, it } from "vitest";
import { frozenLake, make } from "../../../envs/index.js";
import { optimalValues } from "../../support/tabular.js";

describe("FrozenLake-v1", () => {
  it.each([
    ["4x4", 0.5420259320004726],
    ["8x8", 0.414640361799988],
  ] as const)("is worth on %s what value iteration on Gymnasium's tables says, %d", (map, value) => {
    expect(optimalValues(frozenLake({ map }).model!())[0]).toBeCloseTo(value, 8);
  });

  it("slips a quarter to either side with probability 1/3 each, and stays at the border", () => {
    const { rowStart, next, probability } = frozenLake().model!();
    const entries = (state: number, action: number) => {
      const pair = 4 * state + action;
      const range = Array.from({ length: rowStart[pair + 1] - rowStart[pair] }, (_, i) => rowStart[pair] + i);
      return Object.fromEntries(range.map((entry) => [next[entry], probability[entry]]));
    };
    expect(entries(14, 1)).toEqual({
      13: expect.closeTo(1 / 3),
      14: expect.closeTo(1 / 3),
      15: expect.closeTo(1 / 3),
    });
    expect(entries(0, 0)).toEqual({ 0: expect.closeTo(2 / 3), 4: expect.closeTo(1 / 3) });
  });

  it("goes where it is told when it is not slippery", async () => {
    const environment = await make("FrozenLake-v1", { slippery: false });
    environment.reset();
    const [down, right] = [1, 2];
    const path = [down, down, right, right, down].map((action) => environment.step(action).observation);
    expect(path).toEqual([4, 8, 9, 10, 14]);
    expect(environment.step(right)).toMatchObject({ observation: 15, reward: 1, terminated: true });
  });

  it("ends in a hole, without reward", async () => {
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
});
