/**
 * @file Families of ant tasks: reach a goal, or run in a direction. AntGoal-v0 and AntU-v0 are Ant-Goal and Ant-U of
 * MiLEt [Chu, Cai & Wang 2024; Chu 2024, §3.3.5 and table 3.7], with its weights in the reward of Ant-Goal of PEARL
 * [Rakelly et al. 2019] and VariBAD [Zintgraf et al. 2020]. AntDir-v0 is Ant-Dir of PEARL.
 */

import * as z from "zod";
import { nonNegative, positive, resolveOptions } from "../../../src/config/options.js";
import type { Environment } from "../../../src/env/contracts.js";
import {
  circleGoals,
  clusterSpread,
  type GoalOptions,
  type GoalTask,
  goalDistribution,
} from "../../tasks/circle-goals.js";
import { antOptions, antRules } from "../ant.js";
import { mujocoEnvironment } from "../environment.js";
import { antModel } from "../models/ant.js";
import { directionDistribution, directions, inDirections } from "./directions.js";
import { familyOptions, withAim } from "./task-rules.js";

const goalOptions = (goals: GoalOptions["goals"]) => ({
  ...familyOptions(5),
  goals: goalDistribution()
    .default(goals)
    .describe(
      "distribution of the goals: in four clusters on the circle, uniform on the circle, uniform on its upper half, or uniform in the disc",
    ),
  clusterSpread: clusterSpread("`goals` clusters"),
  radius: positive()
    .default(2)
    .describe("distance of the goals from the origin; with `goals` disc the largest one (m)"),
  ctrlCostWeight: nonNegative().default(0.01).describe("weight of the sum of squared actions in the cost"),
  healthyReward: z.number().default(0).describe("reward of a step that ends in a healthy state"),
  terminateWhenUnhealthy: z.boolean().default(false).describe("whether an unhealthy state ends the episode"),
  excludeCurrentPositionsFromObservation: z
    .boolean()
    .default(false)
    .describe("whether x and y are left out of the observation"),
});

const antTaskOptions = antOptions.omit({ forwardRewardWeight: true });
export const antGoalOptions = antTaskOptions.extend(goalOptions("clusters"));
export const antUOptions = antTaskOptions.extend(goalOptions("circle"));

export const antDirOptions = antOptions.extend({
  ...familyOptions(5),
  directions: directionDistribution()
    .default("circle")
    .describe(
      "distribution of the directions: four clusters, uniform on the circle, or forward and backward",
    ),
  clusterSpread: clusterSpread("`directions` clusters"),
});

/**
 * Ants with a goal at distance 2 (m), drawn from one of four clusters and not observed. Reward: minus the distance
 * |Δx| + |Δy| between torso and goal (m), minus 0.01 times the sum of squared actions, minus 5·10⁻⁴ times the sum of
 * squared clipped contact forces. Episodes end only at the time limit.
 */
export const antGoal = (options: z.input<typeof antGoalOptions> = {}): Promise<Environment> =>
  antTo("AntGoal-v0", antGoalOptions, options);

/** {@link antGoal} with goals that are uniform on the circle. */
export const antU = (options: z.input<typeof antUOptions> = {}): Promise<Environment> =>
  antTo("AntU-v0", antUOptions, options);

function antTo(
  id: string,
  schema: typeof antGoalOptions,
  options: z.input<typeof antGoalOptions>,
): Promise<Environment> {
  const resolved = resolveOptions(id, schema, options);
  return mujocoEnvironment({
    ...resolved,
    id,
    xml: resolved.xml ?? antModel,
    tasks: circleGoals(id, resolved),
    rules(model, copies) {
      const goals = new Float64Array(2 * copies);
      const rules = withAim(antRules({ ...resolved, forwardRewardWeight: 0 }, model), {
        name: "rewardGoal",
        reward: ({ copy, x, y }) => -Math.abs(x - goals[2 * copy]) - Math.abs(y - goals[2 * copy + 1]),
      });
      const setTask = (copy: number, { goal }: GoalTask) => goals.set(goal, 2 * copy);
      return { ...rules, setTask };
    },
  });
}

/**
 * Ants that run in a direction, uniform on the circle and not observed. Reward: that of Ant-v5 with the velocity in the
 * direction instead of the velocity along x.
 */
export function antDir(options: z.input<typeof antDirOptions> = {}): Promise<Environment> {
  const id = "AntDir-v0";
  const resolved = resolveOptions(id, antDirOptions, options);
  const { forwardRewardWeight } = resolved;
  return mujocoEnvironment({
    ...resolved,
    id,
    xml: resolved.xml ?? antModel,
    tasks: directions(id, resolved),
    rules(model, copies) {
      const rules = antRules({ ...resolved, forwardRewardWeight: 0 }, model);
      return inDirections(rules, forwardRewardWeight, copies);
    },
  });
}
