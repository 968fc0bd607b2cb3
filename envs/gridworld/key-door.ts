/**
 * @file KeyDoor-v0: a goal behind doors whose keys lie elsewhere, so the agent must first move away from the goal. The
 * keys taken and doors opened are part of the state, so the model is exact.
 */

import * as z from "zod";
import { resolveOptions } from "../../src/config/options.js";
import { type GridEnvironment, gridEnvironment } from "./environment.js";
import { endings, horizon, keysBreak, noise, rewards, startAnywhere } from "./options.js";

const ID = "KeyDoor-v0";

/** Key a lies in a dead end; door A leads to key b; the goal is behind door B. */
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
 * The grid with keys and doors. Actions: 0 left, 1 down, 2 right, 3 up. Entering the cell of a key picks the key up; a
 * door can be entered only with its key. Observations are state indices: the cells, repeated for each reachable set of
 * taken keys (and, with `keysBreak`, opened doors); `grid.taken` holds the set of each state.
 *
 * @throws {UsageError} for a map that is not valid.
 */
export function keyDoor(options: z.input<typeof keyDoorOptions> = {}): GridEnvironment {
  return gridEnvironment(ID, resolveOptions(ID, keyDoorOptions, options));
}
