/**
 * @file PointNavigation-v0: move a point from anywhere in a room to a fixed goal, optionally past walls. It is a small
 * continuous problem for imitation learning, with the dynamics of PointGoal-v0.
 */

import * as z from "zod";
import { positive, resolveOptions } from "../../src/config/options.js";
import { environmentOf } from "../../src/env/array-environments.js";
import type { Environment } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import type { Rng } from "../../src/random/rng.js";
import { box } from "../../src/spaces/index.js";
import { stepLimit } from "../options.js";
import { isInWall, pointDynamics } from "./point.js";

const ID = "PointNavigation-v0";

/** Half of the side of the room. */
const HALF_SIDE = 1;
/** Distance per step along an axis for an action of 1. */
const SPEED = 0.1;
/** Number of start positions that are drawn before an error is thrown. */
const TRIES = 10_000;

const coordinate = () => z.number().min(-HALF_SIDE).max(HALF_SIDE);

export const pointNavigationOptions = z.strictObject({
  goal: z.tuple([coordinate(), coordinate()]).default([0.8, 0.8]).describe("coordinates of the goal, [x, y]"),
  goalRadius: positive().default(0.1).describe("distance from the goal within which the episode ends"),
  walls: z
    .array(z.tuple([z.number(), z.number(), z.number(), z.number()]))
    .default([])
    .describe(
      "rectangles [left, bottom, right, top] that the point cannot enter; thicker than a step, which is 0.1",
    ),
  reward: z
    .enum(["dense", "sparse"])
    .default("dense")
    .describe(
      "dense: minus the distance to the goal; sparse: 1 minus the distance when the goal is reached, and 0 before",
    ),
  maxEpisodeSteps: stepLimit(100),
});

/**
 * The point in its room, the square [−1, 1]². The start is uniform outside the walls and the goal region; observations
 * are the position [x, y]. Actions: the move along x and y, each in [−1, 1]. `reset({ options: { state } })` starts from
 * [x, y].
 *
 * @throws {UsageError} for walls that are thinner than a step, contain the goal, or leave no room for a start.
 */
export function pointNavigation(
  options: z.input<typeof pointNavigationOptions> = {},
): Environment<Float32Array> {
  const { maxEpisodeSteps, ...rules } = resolveOptions(ID, pointNavigationOptions, options);
  const { goal, goalRadius, walls } = rules;
  for (const [left, bottom, right, top] of walls) {
    if (Math.min(right - left, top - bottom) > SPEED) continue;
    throw new UsageError(
      `${ID}: the wall [${left}, ${bottom}, ${right}, ${top}] must be [left, bottom, right, top] and ` +
        `thicker than a step, ${SPEED}, so that no step can jump over it`,
    );
  }
  if (isInWall(walls, ...goal)) throw new UsageError(`${ID}: the goal ${goal.join(", ")} is inside a wall`);

  const start = (rng: Rng): [number, number] => {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const x = HALF_SIDE * (2 * rng.uniform() - 1);
      const y = HALF_SIDE * (2 * rng.uniform() - 1);
      if (Math.hypot(x - goal[0], y - goal[1]) > goalRadius && !isInWall(walls, x, y)) return [x, y];
    }
    throw new UsageError(
      `${ID}: ${TRIES} draws found no start outside the walls and the goal; use fewer walls or a smaller goal radius`,
    );
  };
  return environmentOf({
    id: ID,
    observationSpace: box([2], -HALF_SIDE, HALF_SIDE),
    actionSpace: box([2], -1, 1),
    maxEpisodeSteps,
    resetOptions: ["state"],
    dynamics: (copies) =>
      pointDynamics(ID, { ...rules, speed: SPEED, halfSide: HALF_SIDE, goalEnds: true, start }, copies),
  });
}
