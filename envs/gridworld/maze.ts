/**
 * @file Maze-v0: a random perfect maze, in which exactly one path joins any two cells. It is carved by a random
 * depth-first walk (the "recursive backtracker").
 */

import * as z from "zod";
import { count, resolveOptions } from "../../src/config/options.js";
import { createRng } from "../../src/random/rng.js";
import { type GridEnvironment, gridEnvironment } from "./environment.js";
import { mazeLayout, requireCells } from "./layout.js";
import { endings, horizon, noise, rewards, seed, startAnywhere } from "./options.js";

const ID = "Maze-v0";

export const mazeOptions = z.strictObject({
  rows: count().min(2).default(7).describe("rows of rooms; the map has 2 × rows + 1 rows of cells"),
  columns: count()
    .min(2)
    .default(7)
    .describe("columns of rooms; the map has 2 × columns + 1 columns of cells"),
  layoutSeed: seed().default(0).describe("seed of the maze"),
  startAnywhere,
  ...noise({ slip: 0.1 }),
  ...rewards(-0.01),
  ...endings,
  ...horizon(0.99, 500),
});

/**
 * A maze from the top left to the bottom right. Actions: 0 left, 1 down, 2 right, 3 up. Observations are state indices.
 *
 * @throws {UsageError} for options that are not valid.
 */
export function maze(options: z.input<typeof mazeOptions> = {}): GridEnvironment {
  const { rows, columns, layoutSeed, ...rules } = resolveOptions(ID, mazeOptions, options);
  requireCells(ID, 2 * rows + 1, 2 * columns + 1);
  const layout = mazeLayout(rows, columns, createRng(layoutSeed).stream("maze"));
  return gridEnvironment(ID, { ...rules, layout });
}
