/**
 * @file Cheetahs that run in a direction or at a velocity: HalfCheetah-Dir and HalfCheetah-Vel of
 * [Finn, Abbeel & Levine 2017, §5.3], with the velocities of PEARL [Rakelly et al. 2019], up to 3 m/s.
 */

import * as z from "zod";
import { nonNegative, positive, resolveOptions } from "../../../src/config/options.js";
import type { Environment, TaskFamily } from "../../../src/env/contracts.js";
import { clusterField, taskChecker } from "../../../src/env/task-families.js";
import { mujocoEnvironment } from "../environment.js";
import { halfCheetahOptions, halfCheetahRules } from "../half-cheetah.js";
import { halfCheetahModel } from "../models/half-cheetah.js";
import { directions, inDirections } from "./directions.js";
import { familyOptions, withAim } from "./task-rules.js";

export const halfCheetahDirOptions = halfCheetahOptions.extend({
  ...familyOptions(5),
  ctrlCostWeight: nonNegative().default(0.05).describe("weight of the sum of squared actions in the cost"),
});

export const halfCheetahVelOptions = halfCheetahDirOptions.omit({ forwardRewardWeight: true }).extend({
  maxVelocity: positive()
    .default(3)
    .describe("upper end of the uniform distribution of target velocities, which starts at 0 (m/s)"),
});

/** A task: the target velocity along x (m/s). There is one cluster. */
export type VelocityTask = { cluster: number; velocity: number };

/** The task family of environment `id`: velocities uniform between 0 and `max` (m/s). */
function velocities(id: string, max: number): TaskFamily<VelocityTask> {
  const schema = z.strictObject({ cluster: clusterField(1), velocity: z.number() });
  return {
    clusters: 1,
    sampleTask: (rng) => ({ cluster: 0, velocity: max * rng.uniform() }),
    clusterOf: ({ cluster }) => cluster,
    checkTask: taskChecker(id, schema),
  };
}

/**
 * Cheetahs that run forward (cluster 0) or backward (cluster 1). Reward: the velocity in that direction (m/s) minus 0.05
 * times the sum of squared actions. Episodes end only at the time limit.
 */
export function halfCheetahDir(options: z.input<typeof halfCheetahDirOptions> = {}): Promise<Environment> {
  const id = "HalfCheetahDir-v0";
  const resolved = resolveOptions(id, halfCheetahDirOptions, options);
  const { forwardRewardWeight } = resolved;
  return mujocoEnvironment({
    ...resolved,
    id,
    xml: resolved.xml ?? halfCheetahModel,
    view: "side",
    tasks: directions(id, { directions: "forward-backward" }),
    rules(model, copies) {
      const rules = halfCheetahRules({ ...resolved, forwardRewardWeight: 0 }, model);
      return inDirections(rules, forwardRewardWeight, copies);
    },
  });
}

/**
 * Cheetahs that run at a target velocity between 0 and 3 m/s. Reward: minus the distance to the target velocity (m/s),
 * minus 0.05 times the sum of squared actions. Episodes end only at the time limit.
 */
export function halfCheetahVel(options: z.input<typeof halfCheetahVelOptions> = {}): Promise<Environment> {
  const id = "HalfCheetahVel-v0";
  const resolved = resolveOptions(id, halfCheetahVelOptions, options);
  return mujocoEnvironment({
    ...resolved,
    id,
    xml: resolved.xml ?? halfCheetahModel,
    view: "side",
    tasks: velocities(id, resolved.maxVelocity),
    rules(model, copies) {
      const wanted = new Float64Array(copies);
      const rules = withAim(halfCheetahRules({ ...resolved, forwardRewardWeight: 0 }, model), {
        reward: ({ copy, xVelocity }) => -Math.abs(xVelocity - wanted[copy]),
      });
      const setTask = (copy: number, { velocity }: VelocityTask) => {
        wanted[copy] = velocity;
      };
      return { ...rules, setTask };
    },
  });
}
