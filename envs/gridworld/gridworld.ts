/** @file Gridworld-v0: rooms with walls, lava and a slippery floor; any map, or random ones that can be solved. */

import { z } from "zod";
import { count, fraction, resolveOptions } from "../../src/config/options.js";
import { UsageError } from "../../src/errors.js";
import { createRng } from "../../src/random/rng.js";
import { type GridEnvironment, gridEnvironment } from "./environment.js";
import { randomLayout } from "./layout.js";

const ID = "Gridworld-v0";

/** Two ways around: along the top and down beside the lava, or down the left and through the middle. */
const ROOM = ["S.......", ".##.L.#.", ".#....#.", "...##...", ".L..#.L.", ".##...#.", "...L.##.", "L......G"];

export const gridworldOptions = z.strictObject({
  /** A map, a row a string: `#` wall, `.` floor, `S` start, `G` goal, `L` lava, `<` `v` `>` `^` currents. */
  layout: z.array(z.string()).optional(),
  /** Rows and columns of a random map. */
  size: z.int().min(2).optional(),
  /** Rows of a random map, where they differ from `size`. */
  rows: count().optional(),
  /** Columns of a random map, where they differ from `size`. */
  columns: count().optional(),
  /** Which random map. */
  layoutSeed: z.union([z.int(), z.string()]).optional(),
  /** Share of walls in a random map. */
  wallDensity: fraction().default(0.2),
  /** Share of lava in a random map. */
  lavaDensity: fraction().default(0.1),
  /** Probability that a move is turned a quarter, to either side alike. */
  slip: fraction().default(0.2),
  /** Reward of a step that ends on plain floor. */
  stepReward: z.number().default(-0.01),
  /** Reward of a step that ends on a goal. */
  goalReward: z.number().default(1),
  /** Reward of a step that ends in lava. */
  lavaReward: z.number().default(-1),
  /** Whether a goal ends the episode. */
  goalTerminal: z.boolean().default(true),
  /** Whether lava ends the episode. */
  lavaTerminal: z.boolean().default(true),
  /** `[cells, k]`: features of each cell in reading order, walls included. */
  features: z.array(z.array(z.number())).optional(),
  /** `[k]`: adds features · weights of the cell that a step ends in to its reward. */
  featureWeights: z.array(z.number()).optional(),
  /** γ of the exact model. */
  discount: z.number().min(0).lt(1).default(0.99),
  /** Steps after which an episode is truncated. */
  maxEpisodeSteps: count().default(100),
});

/**
 * A gridworld: an 8 × 8 room unless `layout`, or `size`, `rows`, `columns` or `layoutSeed` for a random map, say
 * otherwise. Actions: 0 left, 1 down, 2 right, 3 up. Observations are state indices.
 *
 * @throws {UsageError} for a map that cannot be read, or a map and a random map at once.
 */
export function gridworld(options: z.input<typeof gridworldOptions> = {}): GridEnvironment {
  const settings = resolveOptions(ID, gridworldOptions, options);
  return gridEnvironment(ID, { ...settings, layout: layoutOf(settings) });
}

function layoutOf(settings: z.output<typeof gridworldOptions>): string[] {
  const { layout, size = ROOM.length, rows = size, columns = size, layoutSeed = 0 } = settings;
  const random = ["size", "rows", "columns", "layoutSeed"].filter((name) => Object.hasOwn(settings, name));
  if (layout && random.length > 0) {
    throw new UsageError(`${ID}: give "layout" or "${random[0]}", not both: the latter is for random maps`);
  }
  if (layout) return layout;
  if (random.length === 0) return ROOM;
  if (rows * columns < 2) throw new UsageError(`${ID}: a random map needs at least two cells`);
  return randomLayout(rows, columns, settings, createRng(layoutSeed).stream("layout"));
}
