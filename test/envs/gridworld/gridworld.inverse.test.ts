/**
 * @file The grids of inverse reinforcement learning: transition probabilities, rewards and features of macro-cells and
 * the objectworld.
 */

import { describe, expect, it } from "vitest";
import { macroCells } from "../../../envs/gridworld/macro-cells.js";
import { objectworld } from "../../../envs/gridworld/objectworld.js";
import { chances, surprise } from "./support.js";

describe("MacroCells-v0", () => {
  const small = { size: 8, macro: 2 };

  it("has 16 384 states in 64 macro-cells, and a model that is built quickly", () => {
    const begin = performance.now();
    const environment = macroCells();
    const model = environment.model!();
    // About 0.2 s: room for a slow and busy machine.
    expect(performance.now() - begin).toBeLessThan(3000);
    expect([model.states, model.actions, model.discount]).toEqual([128 * 128, 4, 0.99]);
    expect(model.initial.every((p) => p === 1 / 16_384)).toBe(true);
    expect(model.terminal.some((flag) => flag === 1)).toBe(false);
    const { features } = environment.grid;
    expect(features).toHaveLength(16_384);
    expect(features![0]).toHaveLength(64);
    // Row 20, column 40 is in macro-cell (1, 2); the rows of a macro-cell are one array.
    expect(features![20 * 128 + 40].indexOf(1)).toBe(8 + 2);
    expect(features![20 * 128 + 40]).toBe(features![16 * 128 + 32]);
    expect(new Set(features).size).toBe(64);
    expect(model.features).toBe(features);
  });

  it("moves as intended with probability 0.7, and in each other direction with 0.1", () => {
    const model = macroCells(small).model!();
    const odds = chances(model, 9, 2);
    expect(odds.get(10)).toBeCloseTo(0.7, 12);
    for (const other of [8, 1, 17]) expect(odds.get(other)).toBeCloseTo(0.1, 12);
    // In the corner, two of the four moves stay.
    expect(chances(model, 0, 0).get(0)).toBeCloseTo(0.8, 12);
  });

  it("has the transition probabilities and rewards of its model", () => {
    expect(Math.abs(surprise(macroCells(small), 60_000))).toBeLessThan(4);
  });

  it("has the reward features · weights of the cell that a step ends in", () => {
    const { features, weights, reward } = macroCells({ ...small, rewardSeed: 3 }).grid;
    for (const [state, row] of features!.entries()) {
      const linear = row.reduce((sum, feature, k) => sum + feature * weights![k], 0);
      expect(reward[state]).toBeCloseTo(linear, 12);
    }
    expect(reward.some((r) => r > 0)).toBe(true);
  });

  it("draws sparse weights with sum 1, at least two of them positive", () => {
    const drawn = Array.from({ length: 150 }, (_, rewardSeed) => macroCells({ ...small, rewardSeed }).grid);
    let nonZero = 0;
    for (const { weights } of drawn) {
      expect(weights!.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
      const positive = weights!.filter((weight) => weight > 0).length;
      expect(positive).toBeGreaterThanOrEqual(2);
      nonZero += positive;
    }
    // A binomial of 16 × 0.1, given that it is at least 2.
    const p = (k: number) => [1, 16][k] * 0.1 ** k * 0.9 ** (16 - k);
    const mean = (1.6 - p(1)) / (1 - p(0) - p(1));
    expect(nonZero / drawn.length).toBeGreaterThan(mean - 0.3);
    expect(nonZero / drawn.length).toBeLessThan(mean + 0.3);
  });

  it.each([
    [{ size: 10, macro: 4 }, /macro-cells of 4 × 4 do not tile a grid of 10 × 10/],
    [{ size: 4, macro: 2, weights: [1, 2] }, /2 numbers for 4 macro-cells/],
    [{ size: 4, macro: 4 }, /at least 2 macro-cells and a density above 0, not 1 and 0.1/],
    [{ density: 0 }, /at least 2 macro-cells and a density above 0, not 64 and 0/],
  ])("refuses %j", (options, message) => {
    expect(() => macroCells(options)).toThrow(message);
  });
});

describe("Objectworld-v0", () => {
  const options = { size: 12, objects: 14, colours: 3, layoutSeed: 5 };

  /** Whether an object of an outer colour is nearer than `limit`, by looking at every cell around. */
  function isNear(environment: ReturnType<typeof objectworld>, cell: number, colour: number, limit: number) {
    const size = environment.grid.layout.length;
    const [row, column] = [Math.floor(cell / size), cell % size];
    for (let down = -limit; down <= limit; down++) {
      for (let right = -limit; right <= limit; right++) {
        if (down * down + right * right >= limit * limit) continue;
        const [y, x] = [row + down, column + right];
        if (y < 0 || y >= size || x < 0 || x >= size) continue;
        if (environment.objects.some((object) => object.cell === y * size + x && object.outer === colour)) {
          return true;
        }
      }
    }
    return false;
  }

  it("has reward +1 near both colours, −1 near the first only, and else 0", () => {
    const environment = objectworld(options);
    const seen = new Set<number>();
    for (const [state, reward] of environment.grid.reward.entries()) {
      const first = isNear(environment, state, 0, 3);
      const second = isNear(environment, state, 1, 2);
      expect(reward).toBe(first ? (second ? 1 : -1) : 0);
      seen.add(reward);
    }
    expect([...seen].sort()).toEqual([-1, 0, 1]);
  });

  it("has distances to the nearest object of each colour as features, outer colours first", () => {
    const environment = objectworld(options);
    for (const [state, row] of environment.grid.features!.entries()) {
      expect(row).toHaveLength(6);
      for (const [k, feature] of row.entries()) {
        const distances = environment.objects
          .filter(({ outer, inner }) => (k < 3 ? outer === k : inner === k - 3))
          .map(({ cell }) =>
            Math.sqrt(
              (Math.floor(cell / 12) - Math.floor(state / 12)) ** 2 + ((cell % 12) - (state % 12)) ** 2,
            ),
          );
        expect(feature).toBeCloseTo(Math.min(12 * Math.SQRT2, ...distances), 12);
      }
    }
  });

  it("has indicators of distances below 1, …, N as discrete features, which determine the reward", () => {
    const environment = objectworld({ ...options, features: "discrete" });
    const { features: distances } = objectworld(options).grid;
    for (const [state, row] of environment.grid.features!.entries()) {
      expect(row).toHaveLength(6 * 12);
      for (const [i, indicator] of row.entries()) {
        if (distances![state][Math.floor(i / 12)] < (i % 12) + 1 !== (indicator === 1)) {
          throw new Error(`state ${state}: indicator ${i} is ${indicator}`);
        }
      }
      const [first, second] = [row[2], row[12 + 1]];
      expect(environment.grid.reward[state]).toBe(first ? (second ? 1 : -1) : 0);
    }
  });

  it("has five actions, each replaced by one of the others with probability 0.3", () => {
    const environment = objectworld(options);
    const model = environment.model!();
    const middle = 5 * 12 + 5;
    const targets = [middle - 1, middle + 12, middle + 1, middle - 12, middle];
    for (const [action] of targets.entries()) {
      const odds = chances(model, middle, action);
      for (const [other, target] of targets.entries()) {
        expect(odds.get(target)).toBeCloseTo(other === action ? 0.7 : 0.075, 12);
      }
    }
    expect(Math.abs(surprise(environment, 60_000))).toBeLessThan(4);
  });

  it("puts every object in its own cell, in other cells for another seed", () => {
    const cells = (layoutSeed: number) => objectworld({ ...options, layoutSeed }).objects.map((o) => o.cell);
    expect(new Set(cells(1)).size).toBe(14);
    expect(cells(1)).toEqual(cells(1));
    expect(cells(1)).not.toEqual(cells(2));
  });

  it.each([
    [{ size: 3, objects: 10 }, /option "objects" is 10, but the grid has 9 cells/],
    [{ colours: 1 }, /option "colours" is 1/],
  ])("refuses %j", (bad, message) => {
    expect(() => objectworld(bad)).toThrow(message);
  });
});
