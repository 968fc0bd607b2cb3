/** @file Registry entries of the gridworlds. */

import type { EnvironmentSpec } from "../../src/env/registry.js";
import { corridor, corridorOptions } from "./corridor.js";
import { fourRooms, fourRoomsOptions } from "./four-rooms.js";
import { gridworld, gridworldOptions } from "./gridworld.js";
import { keyDoor, keyDoorOptions } from "./key-door.js";
import { macroCells, macroCellsOptions } from "./macro-cells.js";
import { maze, mazeOptions } from "./maze.js";
import { objectworld, objectworldOptions } from "./objectworld.js";
import { partialGrid, partialGridOptions } from "./partial-grid.js";

const moves = ["left", "down", "right", "up"];

export const gridworlds: EnvironmentSpec[] = [
  {
    id: "Gridworld-v0",
    summary: "a slippery room with walls and lava, or any other map, given or random; exact model",
    listing: { observations: "Discrete(51)", actions: "Discrete(4)", limit: 100 },
    names: { actions: moves },
    options: gridworldOptions,
    make: gridworld,
  },
  {
    id: "Corridor-v0",
    summary: "a long path between ledges, on which the errors of a cloned policy compound; exact model",
    listing: { observations: "Discrete(220)", actions: "Discrete(4)", limit: 200 },
    names: { actions: moves },
    options: corridorOptions,
    make: corridor,
  },
  {
    id: "FourRooms-v0",
    summary: "four rooms joined by hallways, with moves that fail; exact model",
    listing: { observations: "Discrete(104)", actions: "Discrete(4)", limit: 1000 },
    names: { actions: moves },
    options: fourRoomsOptions,
    make: fourRooms,
  },
  {
    id: "Maze-v0",
    summary: "a random perfect maze; exact model",
    listing: { observations: "Discrete(97)", actions: "Discrete(4)", limit: 500 },
    names: { actions: moves },
    options: mazeOptions,
    make: maze,
  },
  {
    id: "MacroCells-v0",
    summary: "a large grid of macro-cells with a sparse linear reward; exact model and features",
    listing: { observations: "Discrete(16384)", actions: "Discrete(4)", limit: 300 },
    names: { actions: moves },
    options: macroCellsOptions,
    make: macroCells,
  },
  {
    id: "Objectworld-v0",
    summary: "a reward that is nonlinear in the distances to coloured objects; exact model and features",
    listing: { observations: "Discrete(1024)", actions: "Discrete(5)", limit: 100 },
    names: { actions: [...moves, "stay"] },
    options: objectworldOptions,
    make: objectworld,
  },
  {
    id: "KeyDoor-v0",
    summary: "a goal behind doors whose keys lie elsewhere; exact model",
    listing: { observations: "Discrete(132)", actions: "Discrete(4)", limit: 200 },
    names: { actions: moves },
    options: keyDoorOptions,
    make: keyDoor,
  },
  {
    id: "PartialGrid-v0",
    summary: "keys and doors under partial observation; the agent turns, and the reward falls with time",
    listing: { observations: "Box(7×7×7)", actions: "Discrete(5)", limit: 640 },
    options: partialGridOptions,
    make: partialGrid,
  },
];
