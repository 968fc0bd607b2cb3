/** @file Rules that Hopper and Walker2d share: legged robots in the x–z plane with a reward for the velocity along x. */

import type { Rules } from "./environment.js";
import { addUniform, positions, velocities } from "./observation-parts.js";
import type { Data, Model } from "./physics/physics.js";

/** Observed velocities are clipped to ± this value (m/s, rad/s). */
const MAX_VELOCITY = 10;

interface PlanarOptions {
  forwardRewardWeight: number;
  ctrlCostWeight: number;
  healthyReward: number;
  resetNoiseScale: number;
  excludeCurrentPositionsFromObservation: boolean;
}

/** The rules of such a robot; qpos begins with x, z and the angle of the torso. */
export function planarRules(options: PlanarOptions, model: Model, healthy: (data: Data) => boolean): Rules {
  const { forwardRewardWeight, ctrlCostWeight, healthyReward, resetNoiseScale } = options;
  const terms = { xVelocity: 0, rewardForward: 0, rewardCtrl: 0, rewardSurvive: 0 };
  const height = model.array("qpos0")[1];
  return {
    start({ qpos, qvel }, rng) {
      addUniform(qpos, resetNoiseScale, rng);
      addUniform(qvel, resetNoiseScale, rng);
    },
    observation: [
      positions(model, options.excludeCurrentPositionsFromObservation ? 1 : 0),
      velocities(model, MAX_VELOCITY),
    ],
    position({ qpos }, out) {
      out[0] = qpos[0];
    },
    healthy,
    reward(_, step) {
      terms.xVelocity = step.xVelocity;
      terms.rewardForward = forwardRewardWeight * step.xVelocity;
      terms.rewardCtrl = -ctrlCostWeight * step.effort;
      terms.rewardSurvive = step.healthy ? healthyReward : 0;
      return terms.rewardForward + terms.rewardCtrl + terms.rewardSurvive;
    },
    terms,
    info: ({ qpos }) => ({ xPosition: qpos[0], zDistanceFromOrigin: qpos[1] - height }),
  };
}
