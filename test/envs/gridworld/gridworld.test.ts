/** @file Gridworlds: maps, moves, rewards, random maps, and the environment against its exact model. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gridworld } from "../../../envs/index.js";
import type { TabularModel } from "../../../src/env/contracts.js";
import { createRng } from "../../../src/random/rng.js";

const [LEFT, DOWN, RIGHT, UP] = [0, 1, 2, 3];

/** The map, a row a string, with the state of each cell. */
const layout = ["S.#", "L.G"];
const steady = { layout, slip: 0 };

/** Distribution over next states, and the expected reward, of a pair of the model. */
function outcomes(model: TabularModel, state: number, action: number) {
  const pair = state * model.actions + action;
  const next = new Float64Array(model.states);
  let reward = 0;
  for (let entry = model.rowStart[pair]; entry < model.rowStart[pair + 1]; entry++) {
    next[model.next[entry]] += model.probability[entry];
    reward += model.probability[entry] * model.reward[entry];
  }
  return { next: [...next], reward };
}

/** Whether a walk from the start reaches the goal without lava. */
function solvable(rows: readonly string[]): boolean {
  const seen = new Set<string>();
  const visit = (row: number, column: number): boolean => {
    const symbol = rows[row]?.[column];
    const key = `${row},${column}`;
    if (symbol === "G") return true;
    if (symbol === undefined || "#L".includes(symbol) || seen.has(key)) return false;
    seen.add(key);
    const steps = [
      [0, 1],
      [1, 0],
      [0, -1],
      [-1, 0],
    ];
    return steps.some(([down, right]) => visit(row + down, column + right));
  };
  return visit(0, 0);
}

describe("Gridworld-v0", () => {
  it("numbers the cells that are not walls in reading order", () => {
    const { grid, observationSpace } = gridworld(steady);
    expect(observationSpace).toEqual({ kind: "discrete", n: 5 });
    expect([...grid.cells]).toEqual([0, 1, 3, 4, 5]);
  });

  it("moves left, down, right and up, and stays in place at walls and borders", () => {
    const { next } = gridworld(steady).grid;
    const from = (state: number) => [...next.subarray(4 * state, 4 * state + 4)];
    expect(from(0)).toEqual([0, 2, 1, 0]);
    expect(from(1)).toEqual([0, 3, 1, 1]);
    expect(from(3)).toEqual([2, 3, 4, 1]);
  });

  it("has the reward of the cell that a step ends in, and terminates in goals and lava", () => {
    const environment = gridworld({ ...steady, stepReward: -0.5, goalReward: 3, lavaReward: -7 });
    environment.reset();
    expect(environment.step(RIGHT)).toMatchObject({ observation: 1, reward: -0.5, terminated: false });
    expect(environment.step(DOWN)).toMatchObject({ observation: 3, reward: -0.5, terminated: false });
    expect(environment.step(RIGHT)).toMatchObject({ observation: 4, reward: 3, terminated: true });
    environment.reset();
    expect(environment.step(DOWN)).toMatchObject({ observation: 2, reward: -7, terminated: true });
  });

  it("continues in goals and lava that do not terminate", () => {
    const environment = gridworld({ ...steady, lavaTerminal: false, goalTerminal: false });
    environment.reset();
    expect(environment.step(DOWN)).toMatchObject({ observation: 2, terminated: false });
    expect([...environment.model!().terminal]).toEqual([0, 0, 0, 0, 0]);
  });

  it("slips to both sides with equal probability", () => {
    const model = gridworld({ layout: ["...", ".S.", "..."], slip: 0.2 }).model!();
    expect(outcomes(model, 4, RIGHT).next).toEqual([0, 0.1, 0, 0, 0, 0.8, 0, 0.1, 0]);
    expect(outcomes(model, 4, UP).next).toEqual([0, 0.8, 0, 0.1, 0, 0.1, 0, 0, 0]);
    expect(outcomes(model, 0, LEFT).next).toEqual([0.9, 0, 0, 0.1, 0, 0, 0, 0, 0]);
  });

  it("drifts with a current unless the action is opposite to it", () => {
    const { next } = gridworld({ layout: ["S>.", "..."], slip: 0 }).grid;
    expect([...next.subarray(4, 8)]).toEqual([0, 2, 2, 2]);
  });

  it("has absorbing terminal states with reward 0", () => {
    const model = gridworld({ layout, slip: 0.3 }).model!();
    expect([...model.terminal]).toEqual([0, 0, 1, 0, 1]);
    for (const state of [2, 4]) {
      for (let action = 0; action < 4; action++) {
        const { next, reward } = outcomes(model, state, action);
        expect([next[state], reward]).toEqual([1, 0]);
      }
    }
  });

  it("adds a linear reward of the features of the cell that a step ends in", () => {
    const features = Array.from({ length: 6 }, (_, cell) => [cell, 1]);
    const environment = gridworld({ ...steady, features, featureWeights: [2, -1], stepReward: 0 });
    environment.reset();
    expect(environment.step(RIGHT).reward).toBe(2 * 1 - 1);
    expect(environment.grid.features).toEqual([0, 1, 3, 4, 5].map((cell) => [cell, 1]));
  });

  it("starts in each of several starts with equal probability", () => {
    const environment = gridworld({ layout: ["S.S", "S.G"] });
    expect([...environment.model!().initial]).toEqual([1 / 3, 0, 1 / 3, 1 / 3, 0, 0]);
    const starts = Array.from({ length: 200 }, () => environment.reset().observation);
    expect([...new Set(starts)].sort()).toEqual([0, 2, 3]);
  });

  it("generates a solvable map for every seed, the same for the same seed", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 2, max: 12 }),
        fc.integer({ min: 2, max: 12 }),
        (layoutSeed, rows, columns) => {
          const options = { layoutSeed, rows, columns, wallDensity: 0.5, lavaDensity: 0.3 };
          const { layout: drawn } = gridworld(options).grid;
          expect(drawn.map((row) => row.length)).toEqual(new Array(rows).fill(columns));
          expect(solvable(drawn)).toBe(true);
          expect(gridworld(options).grid.layout).toEqual(drawn);
        },
      ),
      { seed: 1, numRuns: 200 },
    );
    expect(gridworld({ layoutSeed: 1 }).grid.layout).not.toEqual(gridworld({ layoutSeed: 2 }).grid.layout);
    expect(solvable(gridworld().grid.layout)).toBe(true);
  });

  it("has the transition probabilities and rewards of its model", () => {
    const environment = gridworld({ layoutSeed: 5, slip: 0.3 });
    const model = environment.model!();
    const counts = new Float64Array(model.states * 4 * model.states);
    const rng = createRng("actions");
    let state = environment.reset({ seed: 0 }).observation as number;
    for (let step = 0; step < 60_000; step++) {
      const action = rng.integer(4);
      const result = environment.step(action);
      const next = result.observation as number;
      const pair = 4 * state + action;
      counts[pair * model.states + next]++;
      let entry = model.rowStart[pair];
      while (model.next[entry] !== next) entry++;
      if (entry >= model.rowStart[pair + 1] || model.reward[entry] !== result.reward) {
        throw new Error(`state ${state}, action ${action} led to ${next} with reward ${result.reward}`);
      }
      const ended = result.terminated || result.truncated;
      state = (ended ? environment.reset().observation : next) as number;
    }
    let chiSquare = 0;
    let freedom = 0;
    for (let pair = 0; pair < 4 * model.states; pair++) {
      const row = counts.subarray(pair * model.states, (pair + 1) * model.states);
      const visits = row.reduce((sum, count) => sum + count, 0);
      if (visits < 100) continue;
      for (let entry = model.rowStart[pair]; entry < model.rowStart[pair + 1]; entry++) {
        const expected = visits * model.probability[entry];
        chiSquare += (row[model.next[entry]] - expected) ** 2 / expected;
      }
      freedom += model.rowStart[pair + 1] - model.rowStart[pair] - 1;
    }
    expect(freedom).toBeGreaterThan(50);
    // Four standard deviations above the mean of a χ² distribution.
    expect(chiSquare).toBeLessThan(freedom + 4 * Math.sqrt(2 * freedom));
  });

  it("maps its states to cells, and renders the agent there", () => {
    const environment = gridworld(steady);
    const { grid } = environment.model!();
    expect(grid).toMatchObject({ rows: 2, columns: 3, labels: ["S", "", "", "L", "", "G"] });
    expect([...grid!.walls]).toEqual([0, 0, 1, 0, 0, 0]);
    environment.reset({ options: { state: 3 } });
    expect(environment.render!()).toBe("S.#\nL@G");
  });

  it.each([
    [{ layout: ["S.", "."] }, /row 1 has 1 cells, but row 0 has 2/],
    [{ layout: ["Sx"] }, /row 0 column 1 is "x"; known symbols: # \. S G L/],
    [{ layout: ["..G"] }, /no start "S"/],
    [{ layout: [] }, /empty/],
    [{ layout, size: 4 }, /"layout" or "size", not both/],
    [{ layout, features: [[1]] }, /a row for each of the 6 cells, not 1/],
    [{ layout, featureWeights: [1] }, /need features/],
    [{ layout: ["SG"], features: [[1], [2, 3]], featureWeights: [1] }, /features row 1 has 2 numbers, not 1/],
    [{ slip: 1.5 }, /option "slip" is 1.5/],
    [{ rows: 1, columns: 1 }, /at least two cells/],
  ])("refuses the options %j", (options, message) => {
    expect(() => gridworld(options)).toThrow(message);
  });

  it.each([
    [5, /not an integer from 0 to 4/],
    [2, /where the episode has ended/],
  ])("refuses to start in state %j", (state, message) => {
    expect(() => gridworld(steady).reset({ options: { state } })).toThrow(message);
  });
});
