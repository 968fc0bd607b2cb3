/**
 * @file FourRooms-v0: four rooms joined by four hallways [Sutton, Precup & Singh 1999]. A move fails with probability
 * 1/3 and then goes in one of the other three directions. The goal is in the east hallway [Bacon, Harb & Precup 2017],
 * and the start is uniform over all other cells.
 */

import * as z from "zod";
import { resolveOptions } from "../../src/config/options.js";
import { UsageError } from "../../src/errors.js";
import { gridEnvironment, type TabularGrid } from "./environment.js";
import { endings, horizon, noise, rewards } from "./options.js";

const ID = "FourRooms-v0";

/** 11 × 11 cells, of which 104 are floor. */
const ROOMS = [
  ".....#.....",
  ".....#.....",
  "...........",
  ".....#.....",
  ".....#.....",
  "#.####.....",
  ".....###.##",
  ".....#.....",
  ".....#.....",
  "...........",
  ".....#.....",
];

const place = z.tuple([z.int(), z.int()]);

export const fourRoomsOptions = z.strictObject({
  border: z
    .boolean()
    .default(true)
    .describe("whether the map has its outer walls: 13 × 13 cells with them, 11 × 11 without"),
  goal: place.default([6, 8]).describe("row and column of the goal on the 11 × 11 map, counted from 0"),
  start: place
    .optional()
    .describe(
      "row and column of the start on the 11 × 11 map, counted from 0; unset: uniform over all cells except the goal",
    ),
  ...noise({ failure: 1 / 3 }),
  ...rewards(0),
  ...endings,
  ...horizon(0.9, 1000),
});

/**
 * The four rooms. Actions: 0 left, 1 down, 2 right, 3 up. Observations are state indices. Reward 1 at the goal.
 *
 * @throws {UsageError} when the goal or the start is not on the floor, or both are in the same cell.
 */
export function fourRooms(options: z.input<typeof fourRoomsOptions> = {}): TabularGrid {
  const { border, goal, start, ...rules } = resolveOptions(ID, fourRoomsOptions, options);
  const map = ROOMS.map((line) => [...line]);
  for (const [name, symbol, at] of [["start", "S", start] as const, ["goal", "G", goal] as const]) {
    if (!at) continue;
    const [row, column] = at;
    if (map[row]?.[column] !== ".") {
      const fault =
        map[row]?.[column] === "S" ? "which is the start" : "which is not on the floor of the 11 × 11 map";
      throw new UsageError(`${ID}: option "${name}" is [${at}], ${fault}`);
    }
    map[row][column] = symbol;
  }
  const rooms = map.map((line) => line.join(""));
  const wall = "#".repeat(13);
  const layout = border ? [wall, ...rooms.map((line) => `#${line}#`), wall] : rooms;
  return gridEnvironment(ID, { ...rules, layout, startAnywhere: start === undefined });
}
