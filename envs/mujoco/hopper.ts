/**
 * @file Hopper-v5: hop forwards on one leg, in the plane. The robot of [Erez, Tassa & Todorov 2011], as in Gymnasium 1.3.
 */

import * as z from "zod";
import { nonNegative, resolveOptions } from "../../src/config/options.js";
import { type MujocoEnvironment, mujocoEnvironment, type Rules } from "./environment.js";
import { hopperModel } from "./models/hopper.js";
import { excludePositions, inside, modelOptions, range } from "./options.js";
import type { Model } from "./physics/physics.js";
import { planarRules } from "./planar-walker.js";

const ID = "Hopper-v5";

export const hopperOptions = z.strictObject({
  ...modelOptions(4, 1000),
  forwardRewardWeight: z
    .number()
    .default(1)
    .describe("weight of the velocity along x in the reward (per m/s)"),
  ctrlCostWeight: nonNegative().default(1e-3).describe("weight of the sum of squared actions in the cost"),
  healthyReward: z.number().default(1).describe("reward of a step that ends in a healthy state"),
  terminateWhenUnhealthy: z.boolean().default(true).describe("whether an unhealthy state ends the episode"),
  healthyStateRange: range(-100, 100).describe(
    "range of healthy values of all velocities and of all coordinates except x and z",
  ),
  healthyZRange: range(0.7, Infinity).describe("range of healthy heights of the torso (m)"),
  healthyAngleRange: range(-0.2, 0.2).describe("range of healthy angles of the torso from upright (rad)"),
  resetNoiseScale: nonNegative()
    .default(5e-3)
    .describe(
      "half-width of the uniform start distribution of positions and velocities around standing at rest (m, rad; per s)",
    ),
  excludeCurrentPositionsFromObservation: excludePositions().describe(
    "whether x is left out of the observation",
  ),
});

export type HopperOptions = z.output<typeof hopperOptions>;

/** The rules of the hopper; families of tasks change them. */
export function hopperRules(options: HopperOptions, model: Model): Rules {
  const { healthyStateRange, healthyZRange, healthyAngleRange } = options;
  return planarRules(options, model, ({ qpos, qvel }) => {
    if (!inside(qpos[1], healthyZRange) || !inside(qpos[2], healthyAngleRange)) return false;
    for (let k = 2; k < qpos.length; k++) if (!inside(qpos[k], healthyStateRange)) return false;
    for (let k = 0; k < qvel.length; k++) if (!inside(qvel[k], healthyStateRange)) return false;
    return true;
  });
}

/**
 * The hopper, a torso on one leg. Actions: torques at hip, knee and ankle, in [−1, 1]. Reward: the velocity along x
 * (m/s), plus 1 while healthy, minus 10⁻³ times the sum of squared actions. An episode ends when the hopper falls.
 */
export function hopper(options: z.input<typeof hopperOptions> = {}): Promise<MujocoEnvironment> {
  const resolved = resolveOptions(ID, hopperOptions, options);
  return mujocoEnvironment({
    ...resolved,
    id: ID,
    view: "side",
    xml: resolved.xml ?? hopperModel,
    rules: (model) => hopperRules(resolved, model),
  });
}
