/** @file Gridworld-v0: walls, lava and a slippery floor, on the built-in map, a given map or a random solvable map. */

import * as z from "zod";
import { count, fraction, resolveOptions } from "../../src/config/options.js";
import { UsageError } from "../../src/errors.js";
import { createRng } from "../../src/random/rng.js";
import { gridEnvironment, type TabularGrid } from "./environment.js";
import { randomLayout, requireCells } from "./layout.js";
import { endings, horizon, keysBreak, noise, rewards, seed, startAnywhere } from "./options.js";

const ID = "Gridworld-v0";

/** The built-in map. Two routes: along the top and down beside the lava, or down the left and through the middle. */
const ROOM = ["S.......", ".##.L.#.", ".#....#.", "...##...", ".L..#.L.", ".##...#.", "...L.##.", "L......G"];

export const gridworldOptions = z.strictObject({
  layout: z
    .array(z.string())
    .optional()
    .describe(
      "map as one string per row: # wall, . floor, S start, G goal, L lava, < v > ^ currents, a–f keys, A–F doors; unset: the built-in 8 × 8 room, or a random map",
    ),
  size: z
    .int()
    .min(2)
    .optional()
    .describe("rows and columns of a random map; unset: 8 if another option asks for a random map"),
  rows: count().optional().describe("rows of a random map; unset: `size`"),
  columns: count().optional().describe("columns of a random map; unset: `size`"),
  layoutSeed: seed()
    .optional()
    .describe("seed of a random map; unset: 0 if another option asks for a random map"),
  wallDensity: fraction().default(0.2).describe("fraction of the cells of a random map that are walls"),
  lavaDensity: fraction().default(0.1).describe("fraction of the cells of a random map that are lava"),
  ...noise({ slip: 0.2 }),
  ...rewards(-0.01),
  ...endings,
  keysBreak,
  startAnywhere,
  features: z
    .array(z.array(z.number()))
    .optional()
    .describe("feature values of each cell, `[cells, k]`, in reading order, walls included; unset: none"),
  featureWeights: z
    .array(z.number())
    .optional()
    .describe(
      "`[k]` weights; features · weights of the cell that a step ends in is added to its reward; unset: none",
    ),
  ...horizon(0.99, 100),
});

/**
 * A gridworld. The map is `layout` if given, a random one if any of `size`, `rows`, `columns` and `layoutSeed` is given,
 * else an 8 × 8 room. Actions: 0 left, 1 down, 2 right, 3 up. Observations are state indices.
 *
 * @throws {UsageError} for a map that is not valid, or if both a map and options of a random map are given.
 */
export function gridworld(options: z.input<typeof gridworldOptions> = {}): TabularGrid {
  const settings = resolveOptions(ID, gridworldOptions, options);
  return gridEnvironment(ID, { ...settings, layout: layoutOf(settings) });
}

function layoutOf(settings: z.output<typeof gridworldOptions>): string[] {
  const { layout, size = ROOM.length, rows = size, columns = size, layoutSeed = 0 } = settings;
  const random = ["size", "rows", "columns", "layoutSeed"].filter((name) => Object.hasOwn(settings, name));
  if (layout && random.length > 0) {
    throw new UsageError(
      `${ID}: give "layout" or "${random[0]}", not both: "${random[0]}" is for random maps`,
    );
  }
  if (layout) return layout;
  if (random.length === 0) return ROOM;
  if (rows * columns < 2) throw new UsageError(`${ID}: a random map needs at least two cells`);
  requireCells(ID, rows, columns);
  return randomLayout(rows, columns, settings, createRng(layoutSeed).stream("layout"));
}
