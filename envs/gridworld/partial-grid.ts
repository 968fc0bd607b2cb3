/**
 * @file PartialGrid-v0: a partially observed gridworld with an agent that turns. Views, keys, doors and the reward at the
 * goal, 1 − 0.9 × steps / limit, follow MiniGrid [Chevalier-Boisvert et al. 2023].
 */

import * as z from "zod";
import { count, fraction, resolveOptions } from "../../src/config/options.js";
import { UsageError } from "../../src/errors.js";
import { type GridEnvironment, gridEnvironment } from "./environment.js";
import { requireCells } from "./layout.js";
import { endings, horizon, keysBreak, noise, rewards, startAnywhere } from "./options.js";

const ID = "PartialGrid-v0";

/** The built-in map: a room with a key, and a goal behind the door of this key. */
const MAP = ["########", "#SS#...#", "#SS#...#", "#SSA...#", "#Sa#...#", "#SS#..G#", "########"];

export const partialGridOptions = z.strictObject({
  layout: z
    .array(z.string())
    .default(MAP)
    .describe("map as one string per row, with the characters of Gridworld-v0"),
  view: count().default(7).describe("rows and columns of the view, in cells; odd"),
  viewFrom: z
    .enum(["edge", "centre"])
    .default("edge")
    .describe("place of the agent in its view: the middle of the last row (edge), or the centre"),
  occlude: z.boolean().default(true).describe("whether walls and closed doors hide the cells behind them"),
  movement: z
    .enum(["turns", "compass"])
    .default("turns")
    .describe(
      "turns: turn left or right and go forward; compass: move in four directions under a view that does not turn",
    ),
  goalDecay: fraction()
    .default(0.9)
    .describe("fraction of the goal reward that is lost, linearly, over the time limit"),
  keysBreak,
  startAnywhere,
  ...noise(),
  ...rewards(0),
  ...endings,
  ...horizon(0.99, 640),
});

/**
 * A partially observed grid. Actions: 0 turn left, 1 turn right, 2 forward and, on maps with keys or doors, 3 pick up the
 * key and 4 open the door in the cell ahead. Episodes start with a random heading. Observations are zeros and ones,
 * `[view, view, planes]`: see `view.ts`. `info.state` is the hidden state. There is no model; KeyDoor-v0 has that of
 * the fully observed grid.
 *
 * @throws {UsageError} for a map that is not valid, or an even view size.
 */
export function partialGrid(options: z.input<typeof partialGridOptions> = {}): GridEnvironment {
  const { view, viewFrom, occlude, movement, ...rules } = resolveOptions(ID, partialGridOptions, options);
  if (view % 2 === 0) throw new UsageError(`${ID}: option "view" is ${view}: it must be odd`);
  requireCells(`${ID}: option "view"`, view, view);
  return gridEnvironment(ID, {
    ...rules,
    turns: movement === "turns",
    view: { size: view, from: viewFrom, occlude },
  });
}
