/**
 * @file Walker2d-v5: walk forwards on two legs, in the plane. The hopper of [Erez, Tassa & Todorov 2011] with a second
 * leg, as in Gymnasium 1.3.
 */

import * as z from "zod";
import { nonNegative, resolveOptions } from "../../src/config/options.js";
import { type MujocoEnvironment, mujocoEnvironment, type Rules } from "./environment.js";
import { walker2dModel } from "./models/walker2d.js";
import { excludePositions, inside, modelOptions, range } from "./options.js";
import type { Model } from "./physics/physics.js";
import { planarRules } from "./planar-walker.js";

const ID = "Walker2d-v5";

export const walker2dOptions = z.strictObject({
  ...modelOptions(4, 1000),
  forwardRewardWeight: z
    .number()
    .default(1)
    .describe("weight of the velocity along x in the reward (per m/s)"),
  ctrlCostWeight: nonNegative().default(1e-3).describe("weight of the sum of squared actions in the cost"),
  healthyReward: z.number().default(1).describe("reward of a step that ends in a healthy state"),
  terminateWhenUnhealthy: z.boolean().default(true).describe("whether an unhealthy state ends the episode"),
  healthyZRange: range(0.8, 2).describe("range of healthy heights of the torso (m)"),
  healthyAngleRange: range(-1, 1).describe("range of healthy angles of the torso from upright (rad)"),
  resetNoiseScale: nonNegative()
    .default(5e-3)
    .describe(
      "half-width of the uniform start distribution of positions and velocities around standing at rest (m, rad; per s)",
    ),
  excludeCurrentPositionsFromObservation: excludePositions().describe(
    "whether x is left out of the observation",
  ),
});

export type Walker2dOptions = z.output<typeof walker2dOptions>;

/** The rules of the walker; families of tasks change them. */
export function walker2dRules(options: Walker2dOptions, model: Model): Rules {
  const { healthyZRange, healthyAngleRange } = options;
  return planarRules(
    options,
    model,
    ({ qpos }) => inside(qpos[1], healthyZRange) && inside(qpos[2], healthyAngleRange),
  );
}

/**
 * The walker, a torso on two legs. Actions: torques at hips, knees and ankles, in [−1, 1]. Reward: the velocity along x
 * (m/s), plus 1 while healthy, minus 10⁻³ times the sum of squared actions. An episode ends when the walker falls.
 */
export function walker2d(options: z.input<typeof walker2dOptions> = {}): Promise<MujocoEnvironment> {
  const resolved = resolveOptions(ID, walker2dOptions, options);
  return mujocoEnvironment({
    ...resolved,
    id: ID,
    view: "side",
    xml: resolved.xml ?? walker2dModel,
    rules: (model) => walker2dRules(resolved, model),
  });
}
