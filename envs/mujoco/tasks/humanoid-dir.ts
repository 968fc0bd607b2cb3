/**
 * @file HumanoidDir-v0: Humanoid-Dir of MiLEt [Chu, Cai & Wang 2024; Chu 2024, §3.3.5], with the weights of its published
 * code.
 */

import * as z from "zod";
import { nonNegative, resolveOptions } from "../../../src/config/options.js";
import type { Environment } from "../../../src/env/contracts.js";
import { clusterSpread } from "../../tasks/circle-goals.js";
import { mujocoEnvironment } from "../environment.js";
import { humanoidOptions, humanoidRules } from "../humanoid.js";
import { humanoidModel } from "../models/humanoid.js";
import { directionDistribution, directions, inDirections } from "./directions.js";
import { familyOptions } from "./task-rules.js";

const ID = "HumanoidDir-v0";

export const humanoidDirOptions = humanoidOptions.extend({
  ...familyOptions(5),
  directions: directionDistribution()
    .default("clusters")
    .describe(
      "distribution of the directions: four clusters, uniform on the circle, or forward and backward",
    ),
  clusterSpread: clusterSpread("`directions` clusters"),
  forwardRewardWeight: z
    .number()
    .default(2.5)
    .describe(
      "weight of the velocity of the centre of mass in the direction of the task in the reward (per m/s)",
    ),
  ctrlCostWeight: nonNegative().default(0.05).describe("weight of the sum of squared actions in the cost"),
  healthyReward: z.number().default(0).describe("reward of a step that ends in a healthy state"),
  terminateWhenUnhealthy: z.boolean().default(false).describe("whether an unhealthy state ends the episode"),
});

/**
 * Humanoids that run in a direction, drawn from one of four clusters and not observed. Reward: 2.5 times the velocity of
 * the centre of mass in that direction (m/s), minus 0.05 times the sum of squared actions, minus a cost of contact
 * forces. Episodes end only at the time limit.
 */
export function humanoidDir(options: z.input<typeof humanoidDirOptions> = {}): Promise<Environment> {
  const resolved = resolveOptions(ID, humanoidDirOptions, options);
  const { forwardRewardWeight } = resolved;
  return mujocoEnvironment({
    ...resolved,
    id: ID,
    xml: resolved.xml ?? humanoidModel,
    tasks: directions(ID, resolved),
    rules(model, copies) {
      const rules = humanoidRules({ ...resolved, forwardRewardWeight: 0 }, model);
      return inDirections(rules, forwardRewardWeight, copies);
    },
  });
}
