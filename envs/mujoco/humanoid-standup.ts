/** @file HumanoidStandup-v5: get up from lying on the back. The humanoid of Humanoid-v5, as in Gymnasium 1.3. */

import * as z from "zod";
import { nonNegative, resolveOptions } from "../../src/config/options.js";
import { type MujocoEnvironment, mujocoEnvironment, type Rules } from "./environment.js";
import { contactCost, humanoidObservation, humanoidObservationOptions, tendonInfo } from "./humanoid.js";
import { humanoidStandupModel } from "./models/humanoid.js";
import { addUniform } from "./observation-parts.js";
import { modelOptions, range } from "./options.js";
import type { Model } from "./physics/physics.js";

const ID = "HumanoidStandup-v5";

export const humanoidStandupOptions = z.strictObject({
  ...modelOptions(5, 1000),
  uphCostWeight: z
    .number()
    .default(1)
    .describe(
      "weight of the height of the torso divided by the physics step in the reward (per m/s); Gymnasium 1.3 accepts this option and ignores it",
    ),
  ctrlCostWeight: nonNegative().default(0.1).describe("weight of the sum of squared actions in the cost"),
  impactCostWeight: nonNegative()
    .default(5e-7)
    .describe("weight of the sum of squared contact forces in the cost"),
  impactCostRange: range(-Infinity, 10).describe(
    "range that the weighted sum of squared contact forces is clipped to",
  ),
  resetNoiseScale: nonNegative()
    .default(1e-2)
    .describe(
      "half-width of the uniform start distribution of positions and velocities around lying at rest (m, rad; per s)",
    ),
  ...humanoidObservationOptions,
});

type Options = z.output<typeof humanoidStandupOptions>;

function rules(options: Options, model: Model): Rules {
  const { uphCostWeight, ctrlCostWeight, impactCostWeight, impactCostRange, resetNoiseScale } = options;
  const terms = { rewardLinup: 0, rewardQuadctrl: 0, rewardImpact: 0 };
  const tendons = tendonInfo(model);
  const { timestep } = model;
  const height = model.array("qpos0")[2];
  return {
    start({ qpos, qvel }, rng) {
      addUniform(qpos, resetNoiseScale, rng);
      addUniform(qvel, resetNoiseScale, rng);
    },
    observation: humanoidObservation(options, model),
    contactForces: options.includeCfrcExtInObservation || impactCostWeight > 0,
    reward({ qpos, cfrcExt }, { effort }) {
      // As in Gymnasium, the height is divided by the physics step, not by the environment step.
      terms.rewardLinup = uphCostWeight * (qpos[2] / timestep);
      terms.rewardQuadctrl = -ctrlCostWeight * effort;
      terms.rewardImpact = -contactCost(cfrcExt, impactCostWeight, impactCostRange);
      return terms.rewardLinup + terms.rewardQuadctrl + terms.rewardImpact + 1;
    },
    terms,
    info(data) {
      const [x, y, z] = data.qpos;
      return { xPosition: x, yPosition: y, zDistanceFromOrigin: z - height, ...tendons(data) };
    },
  };
}

/**
 * A humanoid on its back. Actions: torques at 17 joints, in [−0.4, 0.4]. Reward: the height of the torso (m) divided by
 * the physics step (0.003 s), plus 1, minus 0.1 times the sum of squared actions, minus a cost of contact forces.
 * Episodes end only at the time limit.
 */
export function humanoidStandup(
  options: z.input<typeof humanoidStandupOptions> = {},
): Promise<MujocoEnvironment> {
  const resolved = resolveOptions(ID, humanoidStandupOptions, options);
  return mujocoEnvironment({
    ...resolved,
    id: ID,
    xml: resolved.xml ?? humanoidStandupModel,
    rules: (model) => rules(resolved, model),
  });
}
