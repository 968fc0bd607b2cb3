/**
 * @file Objectworld-v0: the objectworld of [Levine, Popović & Koltun 2011, §6]. It is an N × N grid with coloured objects
 * at random places. There are five actions, the moves and staying; with probability 0.3 another one is executed. The
 * reward is not a linear function of the features.
 */

import * as z from "zod";
import { count, resolveOptions } from "../../src/config/options.js";
import { UsageError } from "../../src/errors.js";
import { createRng, type Rng } from "../../src/random/rng.js";
import { gridEnvironment, type TabularGrid } from "./environment.js";
import { requireCells } from "./layout.js";
import { horizon, noise, seed } from "./options.js";

const ID = "Objectworld-v0";

export const objectworldOptions = z.strictObject({
  size: count().default(32).describe("rows and columns N of the grid, in cells"),
  objects: count().default(50).describe("number of objects"),
  colours: count().min(2).default(2).describe("number of inner colours and of outer colours"),
  features: z
    .enum(["continuous", "discrete"])
    .default("continuous")
    .describe(
      "continuous: distance to the nearest object of each colour; discrete: indicators of these distances being below 1, …, N",
    ),
  layoutSeed: seed().default(0).describe("seed of the objects, their colours and places"),
  goodReward: z
    .number()
    .default(1)
    .describe("reward within 3 cells of outer colour 1 and within 2 cells of outer colour 2"),
  badReward: z
    .number()
    .default(-1)
    .describe("reward within 3 cells of outer colour 1 but not within 2 cells of outer colour 2"),
  failure: noise({ failure: 0.3 }).failure,
  ...horizon(0.9, 100),
});

/** An object and its colours, which are numbered from 0: 0 is colour 1 of the paper. */
export interface ColouredObject {
  /** Cell of the object: row × columns + column. */
  cell: number;
  outer: number;
  inner: number;
}

export interface ObjectworldEnvironment extends TabularGrid {
  readonly objects: readonly ColouredObject[];
}

/**
 * The objectworld. Actions: 0 left, 1 down, 2 right, 3 up, 4 stay. Observations are state indices. `grid.features` holds
 * the 2C (continuous) or 2CN (discrete) features of each state for C colours: outer colours first, then inner ones; for
 * each colour the discrete features are ordered by distance. Starts are uniform; episodes end only at the time limit.
 *
 * Distances are Euclidean, and "within d" means "less than d", as in the discrete features, so the reward is a function
 * of these features. The distance to a colour that no object has is N√2.
 *
 * @throws {UsageError} when there are more objects than cells.
 */
export function objectworld(options: z.input<typeof objectworldOptions> = {}): ObjectworldEnvironment {
  const settings = resolveOptions(ID, objectworldOptions, options);
  const { size, colours, layoutSeed, goodReward, badReward, features: kind, ...rest } = settings;
  const { objects: number, ...rules } = rest;
  requireCells(ID, size, size);
  const cells = size * size;
  if (number > cells) {
    throw new UsageError(`${ID}: option "objects" is ${number}, but the grid has ${cells} cells`);
  }
  const objects = placeObjects(number, cells, colours, createRng(layoutSeed).stream("objects"));
  const distances = Array.from({ length: cells }, (_, cell) => nearest(cell, size, colours, objects));
  const isWithin = Array.from({ length: size }, (_, i) => i + 1);
  const environment = gridEnvironment(ID, {
    ...rules,
    layout: new Array<string>(size).fill(".".repeat(size)),
    startAnywhere: true,
    stay: true,
    features:
      kind === "continuous"
        ? distances
        : distances.map((row) => row.flatMap((distance) => isWithin.map((d) => Number(distance < d)))),
    cellRewards: distances.map(([first, second]) => (first < 3 ? (second < 2 ? goodReward : badReward) : 0)),
    stepReward: 0,
    goalReward: 0,
    lavaReward: 0,
    goalTerminal: true,
    lavaTerminal: true,
  });
  return Object.assign(environment, { objects });
}

/** Objects on different cells, with uniformly drawn colours. */
function placeObjects(number: number, cells: number, colours: number, rng: Rng): ColouredObject[] {
  const order = rng.shuffle(Int32Array.from({ length: cells }, (_, cell) => cell));
  return Array.from(order.subarray(0, number), (cell) => ({
    cell,
    outer: rng.integer(colours),
    inner: rng.integer(colours),
  }));
}

/** `[2C]`: the Euclidean distance from a cell to the nearest object of each outer and then of each inner colour. */
function nearest(cell: number, size: number, colours: number, objects: readonly ColouredObject[]): number[] {
  const distances = new Array<number>(2 * colours).fill(size * Math.SQRT2);
  for (const { cell: at, outer, inner } of objects) {
    const distance = Math.hypot((cell % size) - (at % size), Math.floor(cell / size) - Math.floor(at / size));
    for (const colour of [outer, colours + inner]) {
      distances[colour] = Math.min(distances[colour], distance);
    }
  }
  return distances;
}
