/** @file Four rooms, mazes, and rules of all maps: failing actions, non-terminal goals, starts in any cell. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fourRooms } from "../../../envs/gridworld/four-rooms.js";
import { gridworld } from "../../../envs/gridworld/gridworld.js";
import { maze } from "../../../envs/gridworld/maze.js";
import { valueIteration } from "../../../src/mdp/index.js";
import { chances, stepsBetween, surprise } from "./support.js";

const [LEFT, DOWN, RIGHT, UP] = [0, 1, 2, 3];

describe("FourRooms-v0", () => {
  it.each([
    [true, 13],
    [false, 11],
  ])("has 104 states, border %s", (border, size) => {
    const { grid } = fourRooms({ border });
    expect(grid.states).toBe(104);
    expect(grid.layout.map((row) => row.length)).toEqual(new Array(size).fill(size));
  });

  it("has four rooms, connected by the four hallways only", () => {
    const { layout } = fourRooms({ border: false }).grid;
    const hallways = [
      [2, 5],
      [5, 1],
      [6, 8],
      [9, 5],
    ];
    const closed = layout.map((line, row) =>
      [...line].map((s, column) => (hallways.some(([r, c]) => r === row && c === column) ? "#" : s)).join(""),
    );
    const corners = [0, 10, 110, 120];
    const apart = (map: string[]) =>
      corners.flatMap((a) => corners.filter((b) => b > a).map((b) => stepsBetween(map, a, b)));
    expect(apart([...layout]).every(Number.isFinite)).toBe(true);
    expect(apart(closed)).toEqual(new Array(6).fill(Infinity));
    expect(closed.join("").replaceAll("#", "")).toHaveLength(100);
  });

  it("moves as intended with probability 2/3, and in each other direction with 1/9", () => {
    const model = fourRooms({ border: false }).model!();
    // The middle of the first room: row 1, column 1 is state 11.
    const odds = chances(model, 11, RIGHT);
    expect(odds.get(12)).toBeCloseTo(2 / 3, 12);
    for (const other of [10, 1, 21]) expect(odds.get(other)).toBeCloseTo(1 / 9, 12);
  });

  it("starts in any cell except the goal, or in the given one", () => {
    const { grid } = fourRooms({ border: false });
    expect(grid.starts).toHaveLength(103);
    expect(grid.starts.map((state) => grid.cells[state])).not.toContain(6 * 11 + 8);
    const given = fourRooms({ border: false, start: [10, 0], goal: [0, 10] }).grid;
    expect(given.starts.map((state) => given.cells[state])).toEqual([110]);
    expect(given.cells[given.goal.indexOf(1)]).toBe(10);
  });

  it.each([
    [
      { goal: [5, 5] as [number, number] },
      /option "goal" is \[5,5\], which is not on the floor of the 11 × 11 map/,
    ],
    [{ start: [11, 0] as [number, number] }, /option "start" is \[11,0\], which is not on the floor/],
    [{ start: [6, 8] as [number, number] }, /option "goal" is \[6,8\], which is the start/],
  ])("refuses %j", (options, message) => {
    expect(() => fourRooms(options)).toThrow(message);
  });
});

describe("Maze-v0", () => {
  it("is a spanning tree of its rooms for every seed", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 2, max: 7 }),
        fc.integer({ min: 2, max: 7 }),
        (layoutSeed, rows, columns) => {
          const { layout } = maze({ layoutSeed, rows, columns }).grid;
          expect(layout).toHaveLength(2 * rows + 1);
          const isFloor = (row: number, column: number) => layout[row][column] !== "#";
          let [rooms, gaps, others] = [0, 0, 0];
          for (let row = 0; row < layout.length; row++) {
            for (let column = 0; column < layout[0].length; column++) {
              const odd = (row % 2) + (column % 2);
              if (!isFloor(row, column)) continue;
              if (odd === 2) rooms++;
              else if (odd === 1) gaps++;
              else others++;
            }
          }
          expect([rooms, gaps, others]).toEqual([rows * columns, rows * columns - 1, 0]);
          const width = 2 * columns + 1;
          for (let room = 0; room < rows * columns; room++) {
            const cell = (2 * Math.floor(room / columns) + 1) * width + 2 * (room % columns) + 1;
            if (stepsBetween(layout, width + 1, cell) === Infinity)
              throw new Error(`room ${room} is cut off`);
          }
        },
      ),
      { seed: 1, numRuns: 25 },
    );
  });

  it("is the same for the same seed, and different for another", () => {
    const drawn = (layoutSeed: number) => maze({ layoutSeed }).grid.layout.join("\n");
    expect(drawn(3)).toBe(drawn(3));
    expect(new Set([0, 1, 2, 3, 4].map(drawn)).size).toBe(5);
  });

  it("has the value of its discounted shortest path without slips", () => {
    const environment = maze({ slip: 0, stepReward: 0, discount: 0.9 });
    const { layout, cells, starts, goal } = environment.grid;
    const steps = stepsBetween(layout, cells[starts[0]], cells[goal.indexOf(1)]);
    const { values } = valueIteration(environment.model!());
    expect(values[starts[0]]).toBeCloseTo(0.9 ** (steps - 1), 9);
  });
});

describe("the rules of all maps", () => {
  const layout = ["S..", "..."];

  it.each([
    ["failing moves", { failure: 0.4, slip: 0 }],
    ["goals that restart", { goalRestarts: true, failure: 0.2, slip: 0, layout: ["S.S", ".G.", "L.."] }],
    ["slips in a current", { slip: 0.4, layout: ["S>.", ".^G"] }],
  ])("give %s the transition probabilities of the model", (_, options) => {
    expect(Math.abs(surprise(gridworld(options), 40_000))).toBeLessThan(4);
  });

  it("choose all other actions with equal probability when an action fails", () => {
    const model = gridworld({ layout: ["...", ".S.", "..."], slip: 0, failure: 0.3 }).model!();
    const moves = [3, 7, 5, 1];
    for (const action of [LEFT, DOWN, RIGHT, UP]) {
      const odds = chances(model, 4, action);
      for (const [other, state] of moves.entries()) {
        expect(odds.get(state)).toBeCloseTo(other === action ? 0.7 : 0.1, 12);
      }
    }
  });

  it("lead from a goal to a start, with the reward of the start", () => {
    const environment = gridworld({ layout: ["SG.", "S.."], slip: 0, goalRestarts: true, stepReward: -2 });
    const model = environment.model!();
    expect([...model.terminal]).toEqual([0, 0, 0, 0, 0, 0]);
    for (const action of [LEFT, DOWN, RIGHT, UP]) {
      expect([...chances(model, 1, action)]).toEqual([
        [0, 0.5],
        [3, 0.5],
      ]);
    }
    environment.reset({ options: { state: 0 } });
    expect(environment.step(RIGHT)).toMatchObject({ observation: 1, reward: 1, terminated: false });
    const { observation, reward, terminated } = environment.step(RIGHT);
    expect([0, 3]).toContain(observation);
    expect([reward, terminated]).toEqual([-2, false]);
  });

  it("terminate at a goal, stay in it, or restart: values r, r / (1 − γ) and in between", () => {
    const value = (options: object) => {
      const corridor = { layout: ["SG"], slip: 0, stepReward: 0, discount: 0.5 };
      return valueIteration(gridworld({ ...corridor, ...options }).model!()).values[0];
    };
    expect(value({})).toBeCloseTo(1, 9);
    expect(value({ goalTerminal: false })).toBeCloseTo(2, 9);
    // 1 at every second step: 1 / (1 − γ²).
    expect(value({ goalRestarts: true })).toBeCloseTo(4 / 3, 9);
  });

  it("start in all plain cells with equal probability", () => {
    const environment = gridworld({ layout: [".S#", "GL."], startAnywhere: true });
    expect([...environment.model!().initial]).toEqual([1 / 3, 1 / 3, 0, 0, 1 / 3]);
  });

  it.each([
    [{ layout, slip: 0.1, failure: 0.1 }, /"slip" or "failure", not both/],
    [{ layout, failure: 1.5 }, /option "failure" is 1.5/],
    [{ layout: ["GL"], startAnywhere: true }, /no floor "\."/],
  ])("refuse the options %j", (options, message) => {
    expect(() => gridworld(options)).toThrow(message);
  });
});
