/** @file Options of sizes and densities that no generator can meet are refused in bounded time, naming the option. */

import { describe, expect, it } from "vitest";
import { acrobot, gridworld, make } from "../../envs/index.js";
import { UsageError } from "../../src/errors.js";

const refused: [string, Record<string, unknown>, RegExp][] = [
  ["Garnet-v0", { states: 1e9 }, /1000000000 states × 4 actions are 4000000000 pairs/],
  ["Garnet-v0", { states: 1e5, branching: 1e5 }, /next states are 40000000000 outcomes/],
  ["Gridworld-v0", { size: 1e5 }, /a map of 100000 × 100000 has 10000000000 cells/],
  ["Maze-v0", { rows: 1e5, columns: 1e5 }, /cells; at most/],
  ["Objectworld-v0", { size: 1e5 }, /cells; at most/],
  ["Objectworld-v0", { objects: 1e9 }, /option "objects" is 1000000000, but the grid has 1024 cells/],
  ["MacroCells-v0", { density: 1e-12 }, /option "density" at 1e-12/],
  ["MacroCells-v0", { size: 1e6 }, /cells; at most/],
  ["MacroCells-v0", { size: 128, macro: 1 }, /option "macro" at 1 makes 16384 macro-cells/],
  ["FrozenLake-v1", { map: "random", size: 8, frozenProbability: 0 }, /raise "frozenProbability"/],
  ["FrozenLake-v1", { map: "random", size: 1e6 }, /option "size": a lake/],
  ["DeepSea-v0", { size: 1e5 }, /pairs; at most/],
  ["Chain-v0", { states: 1e9 }, /pairs; at most/],
  ["RiverSwim-v0", { states: 1e9 }, /pairs; at most/],
  ["CombinationLock-v0", { wheels: 1e9 }, /pairs; at most/],
  ["Tightrope-v0", { length: 1e9 }, /pairs; at most/],
  ["Corridor-v0", { length: 1e9 }, /cells; at most/],
  ["BernoulliBandit-v0", { arms: 1e10 }, /pairs; at most/],
  ["GridNavi-v0", { size: 1e5 }, /pairs; at most/],
  ["PartialGrid-v0", { view: 1e5 + 1 }, /option "view"/],
];

describe("generators", () => {
  it.each(refused)("of %s refuse %o", async (id, options, message) => {
    await expect(make(id, options)).rejects.toThrow(UsageError);
    await expect(make(id, options)).rejects.toThrow(message);
  });

  it("find the way through a map of walls in a time that grows with its size, not its square", () => {
    const environment = gridworld({ size: 120, wallDensity: 1, lavaDensity: 0 });
    expect(environment.render!()).toContain("#");
  });

  it("reduce a start angle of any size", () => {
    const environment = acrobot();
    environment.reset({ options: { state: [1e300, -1e300, 0, 0] } });
    const { observation } = environment.step(1);
    expect([...(observation as Float32Array)].every(Number.isFinite)).toBe(true);
  });
});
