/**
 * @file Corridor-v0: a long path between two ledges, on which behavioural cloning fails and interactive imitation
 * (DAgger) succeeds.
 *
 * A slip puts the agent on a ledge. An expert steps back on the path at once and loses a step or two; its demonstrations
 * never enter the river behind a ledge. A learner on a ledge cell without demonstrations may fall into the river. The
 * river carries it past the goal to a strait, which must be swum against the current, move after move; a learner without
 * labels there drifts for the rest of the episode. There are many ledge cells and each is visited rarely, so a clone
 * meets cells without demonstrations even after many episodes. But there is only one strait: one episode of labels
 * there, which only a learner that has fallen in can request, makes every later fall cheap.
 */

import * as z from "zod";
import { count, fraction, resolveOptions } from "../../src/config/options.js";
import { modelDiscount, stepLimit } from "../options.js";
import { gridEnvironment, type TabularGrid } from "./environment.js";
import { requireCells } from "./layout.js";

const ID = "Corridor-v0";

export const corridorOptions = z.strictObject({
  length: count().default(40).describe("number of cells of the path"),
  strait: count().default(4).describe("number of cells between the goal and the place where the rivers meet"),
  slip: fraction()
    .default(0.05)
    .describe("probability that a move is turned by 90°, half of it to each side"),
  discount: modelDiscount(),
  maxEpisodeSteps: stepLimit(200),
});

/** The map, from top to bottom: river, ledge, path with the strait, ledge, river. */
function corridorLayout(length: number, strait: number): string[] {
  const ledge = ".".repeat(length) + "#".repeat(strait + 1);
  const river = ">".repeat(length + strait + 1);
  const path = `S${".".repeat(length - 1)}G${">".repeat(strait)}`;
  return [`${river}v`, `${ledge}v`, `${path}>`, `${ledge}^`, `${river}^`];
}

/**
 * The corridor. Actions: 0 left, 1 down, 2 right, 3 up. Observations are state indices. Reward −1 per step until the
 * goal. In a current, a move against it succeeds; every other action moves with the current.
 *
 * @throws {UsageError} for options that are not valid.
 */
export function corridor(options: z.input<typeof corridorOptions> = {}): TabularGrid {
  const { length, strait, ...rules } = resolveOptions(ID, corridorOptions, options);
  requireCells(ID, 5, length + strait + 2);
  return gridEnvironment(ID, {
    ...rules,
    layout: corridorLayout(length, strait),
    stepReward: -1,
    goalReward: 0,
    lavaReward: 0,
    goalTerminal: true,
    lavaTerminal: true,
  });
}
