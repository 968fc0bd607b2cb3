/**
 * @file PartialGrid-v0: a gridworld seen through the eyes of an agent that turns, with the kind of view, keys, doors and
 * reward, 1 − 0.9 × steps / limit at the goal, of MiniGrid (Chevalier-Boisvert et al. 2023, "Minigrid & Miniworld").
 */

import { z } from "zod";
import { count, fraction, resolveOptions } from "../../src/config/options.js";
import { UsageError } from "../../src/errors.js";
import { type GridEnvironment, gridEnvironment } from "./environment.js";
import { endings, horizon, keysBreak, noise, rewards, startAnywhere } from "./options.js";

const ID = "PartialGrid-v0";

/** A room with a key, and a goal behind its door. */
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
 * A partially observed grid. Actions: 0 turn left, 1 turn right, 2 forward and, on maps with keys or doors, 3 pick up and
 * 4 open what is in the cell ahead. Episodes start with a random heading. Observations are `[view, view, planes]` of zeros
 * and ones: see {@link Views}; `info.state` is the hidden state. There is no model: that of the same grid seen in full is
 * KeyDoor-v0's.
 *
 * @throws {UsageError} for a map that cannot be read, or a view with no middle.
 */
export function partialGrid(options: z.input<typeof partialGridOptions> = {}): GridEnvironment {
  const { view, viewFrom, occlude, movement, ...rules } = resolveOptions(ID, partialGridOptions, options);
  if (view % 2 === 0) throw new UsageError(`${ID}: option "view" is ${view}: it must be odd`);
  return gridEnvironment(ID, {
    ...rules,
    turns: movement === "turns",
    view: { size: view, from: viewFrom, occlude },
  });
}
