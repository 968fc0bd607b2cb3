/**
 * @file Swimmer-v5: propel a chain of three links through a viscous plane by bending it. The swimmer of [Coulom 2002], as
 * in Gymnasium 1.3.
 */

import * as z from "zod";
import { nonNegative, resolveOptions } from "../../src/config/options.js";
import { type MujocoEnvironment, mujocoEnvironment, type Rules } from "./environment.js";
import { swimmerModel } from "./models/swimmer.js";
import { addUniform, positions, velocities } from "./observation-parts.js";
import { excludePositions, modelOptions } from "./options.js";
import type { Model } from "./physics/physics.js";

const ID = "Swimmer-v5";

export const swimmerOptions = z.strictObject({
  ...modelOptions(4, 1000),
  forwardRewardWeight: z
    .number()
    .default(1)
    .describe("weight of the velocity along x in the reward (per m/s)"),
  ctrlCostWeight: nonNegative().default(1e-4).describe("weight of the sum of squared actions in the cost"),
  resetNoiseScale: nonNegative()
    .default(0.1)
    .describe(
      "half-width of the uniform start distribution of positions and velocities around 0 (m, rad; per s)",
    ),
  excludeCurrentPositionsFromObservation: excludePositions().describe(
    "whether x and y are left out of the observation",
  ),
});

type Options = z.output<typeof swimmerOptions>;

function rules(options: Options, model: Model): Rules {
  const { forwardRewardWeight, ctrlCostWeight, resetNoiseScale } = options;
  const terms = { xVelocity: 0, yVelocity: 0, rewardForward: 0, rewardCtrl: 0 };
  return {
    start({ qpos, qvel }, rng) {
      addUniform(qpos, resetNoiseScale, rng);
      addUniform(qvel, resetNoiseScale, rng);
    },
    observation: [
      positions(model, options.excludeCurrentPositionsFromObservation ? 2 : 0),
      velocities(model),
    ],
    position({ qpos }, out) {
      out[0] = qpos[0];
      out[1] = qpos[1];
    },
    reward(_, { xVelocity, yVelocity, effort }) {
      terms.xVelocity = xVelocity;
      terms.yVelocity = yVelocity;
      terms.rewardForward = forwardRewardWeight * xVelocity;
      terms.rewardCtrl = -ctrlCostWeight * effort;
      return terms.rewardForward + terms.rewardCtrl;
    },
    terms,
    info: ({ qpos: [x, y] }) => ({ xPosition: x, yPosition: y, distanceFromOrigin: Math.hypot(x, y) }),
  };
}

/**
 * The swimmer, a chain of three links of 1 m. Actions: torques at its two joints, in [−1, 1]. Reward: the velocity along
 * x (m/s) minus 10⁻⁴ times the sum of squared actions. Episodes end only at the time limit.
 */
export function swimmer(options: z.input<typeof swimmerOptions> = {}): Promise<MujocoEnvironment> {
  const resolved = resolveOptions(ID, swimmerOptions, options);
  return mujocoEnvironment({
    ...resolved,
    id: ID,
    view: "top",
    xml: resolved.xml ?? swimmerModel,
    rules: (model) => rules(resolved, model),
  });
}
