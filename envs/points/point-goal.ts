/**
 * @file PointGoal-v0: a point must find a goal that it does not observe. The constants are those of the point robot of
 * PEARL [Rakelly et al. 2019]: moves of at most 0.1 along each axis, goals at distance 1, sparse reward within 0.2, and
 * 20 steps.
 */

import * as z from "zod";
import { positive, resolveOptions } from "../../src/config/options.js";
import { environmentOf } from "../../src/env/array-environments.js";
import type { Environment } from "../../src/env/contracts.js";
import { box } from "../../src/spaces/index.js";
import { stepLimit, trialEpisodes } from "../options.js";
import { circleGoals, clusterSpread, goalDistribution } from "../tasks/circle-goals.js";
import { pointDynamics } from "./point.js";

const ID = "PointGoal-v0";

export const pointGoalOptions = z.strictObject({
  goals: goalDistribution()
    .default("clusters")
    .describe(
      "distribution of the goals: in four clusters on the circle, uniform on the circle, uniform on its upper half, or uniform in the disc",
    ),
  clusterSpread: clusterSpread("`goals` clusters"),
  radius: positive()
    .default(1)
    .describe("distance of the goals from the start; with `goals` disc the largest one"),
  reward: z
    .enum(["dense", "sparse"])
    .default("dense")
    .describe(
      "dense: minus the distance to the goal; sparse: 1 minus the distance within `goalRadius` of the goal, and 0 elsewhere",
    ),
  goalRadius: positive()
    .default(0.2)
    .describe("with `reward` sparse: distance from the goal within which the reward is not 0"),
  episodesPerTask: trialEpisodes(2),
  maxEpisodeSteps: stepLimit(20),
});

/** Distance per step along an axis for an action of 1. */
const SPEED = 0.1;

/**
 * The point. It starts at the origin and observes its position [x, y], not the goal. Actions: the move along x and y,
 * each in [−1, 1]. `reset({ options: { state } })` starts from [x, y].
 *
 * @throws {UsageError} for options that are not valid.
 */
export function pointGoal(options: z.input<typeof pointGoalOptions> = {}): Environment<Float32Array> {
  const { goals, radius, clusterSpread, reward, goalRadius, ...rest } = resolveOptions(
    ID,
    pointGoalOptions,
    options,
  );
  const start = (): [number, number] => [0, 0];
  const rules = { speed: SPEED, goalRadius, reward, goalEnds: false, walls: [], start };
  return environmentOf({
    ...rest,
    id: ID,
    observationSpace: box([2], -Infinity, Infinity),
    actionSpace: box([2], -1, 1),
    resetOptions: ["state"],
    dynamics: (copies) => pointDynamics(ID, rules, copies),
    tasks: circleGoals(ID, { goals, radius, clusterSpread }),
  });
}
