/**
 * @file Corridor-v0: a long path between two ledges, where cloning an expert goes wrong and asking it does not.
 *
 * A slip puts the agent on a ledge. Whoever steps back on the path at once loses a step or two, and that is all an
 * expert ever shows: it never leaves a ledge for the river behind it. A learner that does not know the ledge it is on
 * may fall in. The river carries it past the goal to a strait, which has to be swum against the current, move after
 * move: without knowing how, one drifts there for the rest of the episode. There are many ledge cells, each visited
 * rarely, so that a clone meets unknown ones even after many demonstrations; but there is only one strait, so that
 * one episode of labels there, which only a learner that has fallen in can ask for, makes every later fall cheap.
 */

import { z } from "zod";
import { count, fraction, resolveOptions } from "../../src/config/options.js";
import { modelDiscount, stepLimit } from "../options.js";
import { type GridEnvironment, gridEnvironment } from "./environment.js";

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

/** River, ledge, path with the strait, ledge, river. */
function corridorLayout(length: number, strait: number): string[] {
  const ledge = ".".repeat(length) + "#".repeat(strait + 1);
  const river = ">".repeat(length + strait + 1);
  const path = `S${".".repeat(length - 1)}G${">".repeat(strait)}`;
  return [`${river}v`, `${ledge}v`, `${path}>`, `${ledge}^`, `${river}^`];
}

/**
 * The corridor: −1 a step until the goal. Actions: 0 left, 1 down, 2 right, 3 up. In a current, a move against it makes
 * way and any other is carried along.
 */
export function corridor(options: z.input<typeof corridorOptions> = {}): GridEnvironment {
  const { length, strait, ...rules } = resolveOptions(ID, corridorOptions, options);
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
