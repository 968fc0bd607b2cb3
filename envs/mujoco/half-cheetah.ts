/**
 * @file HalfCheetah-v5: run on two legs in the plane. The robot of [Wawrzyński 2009], as in Gymnasium 1.3.
 */

import * as z from "zod";
import { nonNegative, resolveOptions } from "../../src/config/options.js";
import { type MujocoEnvironment, mujocoEnvironment, type Rules } from "./environment.js";
import { halfCheetahModel } from "./models/half-cheetah.js";
import { addNormal, addUniform, positions, velocities } from "./observation-parts.js";
import { excludePositions, modelOptions } from "./options.js";
import type { Model } from "./physics/physics.js";

const ID = "HalfCheetah-v5";

export const halfCheetahOptions = z.strictObject({
  ...modelOptions(5, 1000),
  forwardRewardWeight: z
    .number()
    .default(1)
    .describe("weight of the velocity along x in the reward (per m/s)"),
  ctrlCostWeight: nonNegative().default(0.1).describe("weight of the sum of squared actions in the cost"),
  resetNoiseScale: nonNegative()
    .default(0.1)
    .describe(
      "half-width of the uniform start distribution of positions around 0, and standard deviation of the normal one of velocities (m, rad; per s)",
    ),
  excludeCurrentPositionsFromObservation: excludePositions().describe(
    "whether x is left out of the observation",
  ),
});

export type HalfCheetahOptions = z.output<typeof halfCheetahOptions>;

/** The rules of the cheetah; families of tasks change them. */
export function halfCheetahRules(options: HalfCheetahOptions, model: Model): Rules {
  const { forwardRewardWeight, ctrlCostWeight, resetNoiseScale } = options;
  const terms = { xVelocity: 0, rewardForward: 0, rewardCtrl: 0 };
  return {
    start({ qpos, qvel }, rng) {
      addUniform(qpos, resetNoiseScale, rng);
      addNormal(qvel, resetNoiseScale, rng);
    },
    observation: [
      positions(model, options.excludeCurrentPositionsFromObservation ? 1 : 0),
      velocities(model),
    ],
    position({ qpos }, out) {
      out[0] = qpos[0];
    },
    reward(_, { xVelocity, effort }) {
      terms.xVelocity = xVelocity;
      terms.rewardForward = forwardRewardWeight * xVelocity;
      terms.rewardCtrl = -ctrlCostWeight * effort;
      return terms.rewardForward + terms.rewardCtrl;
    },
    terms,
    info: ({ qpos }) => ({ xPosition: qpos[0] }),
  };
}

/**
 * The cheetah, a trunk with a hind leg and a front leg. Actions: torques at six joints, in [−1, 1]. Reward: the velocity
 * along x (m/s) minus 0.1 times the sum of squared actions. Episodes end only at the time limit.
 */
export function halfCheetah(options: z.input<typeof halfCheetahOptions> = {}): Promise<MujocoEnvironment> {
  const resolved = resolveOptions(ID, halfCheetahOptions, options);
  return mujocoEnvironment({
    ...resolved,
    id: ID,
    view: "side",
    xml: resolved.xml ?? halfCheetahModel,
    rules: (model) => halfCheetahRules(resolved, model),
  });
}
