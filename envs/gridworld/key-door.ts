/**
 * @file KeyDoor-v0: a goal behind doors whose keys lie elsewhere, so that a plan has to go away from the goal first. What
 * has been taken and opened is part of the state, so that the model is exact.
 */

import { z } from "zod";
import { resolveOptions } from "../../src/config/options.js";
import { type GridEnvironment, gridEnvironment } from "./environment.js";
import { endings, horizon, keysBreak, noise, rewards, startAnywhere } from "./options.js";

const ID = "KeyDoor-v0";

/** Key a is on the way to nothing; its door leads to key b; the goal is behind door B. */
const MAP = ["S...#...", "..#.A..b", "..#.#...", "##..####", "....#...", "a...B..G", "....#..."];

export const keyDoorOptions = z.strictObject({
  layout: z
    .array(z.string())
    .default(MAP)
    .describe(
      "map as one string per row, with the characters of Gridworld-v0; entering a key cell (a–f) picks the key up, and the key opens its doors (A–F)",
    ),
  keysBreak,
  startAnywhere,
  ...noise({ slip: 0.1 }),
  ...rewards(-0.01),
  ...endings,
  ...horizon(0.99, 200),
});

/**
 * Keys and doors. Actions: 0 left, 1 down, 2 right, 3 up. A key is taken by walking on it; a door stops whoever has not its
 * key. Observations are state indices: the cells, again for each set of keys (and, where keys break, doors) that can be
 * reached; `grid.taken` says which.
 *
 * @throws {UsageError} for a map that cannot be read.
 */
export function keyDoor(options: z.input<typeof keyDoorOptions> = {}): GridEnvironment {
  return gridEnvironment(ID, resolveOptions(ID, keyDoorOptions, options));
}
