/**
 * @file InvertedDoublePendulum-v5: keep two poles, one on the other, upright on a cart by pushing the cart. The problem
 * is the cart with a jointed pole of [Wieland 1991] with continuous forces, as in Gymnasium 1.3.
 */

import * as z from "zod";
import { nonNegative, resolveOptions } from "../../src/config/options.js";
import { type MujocoEnvironment, mujocoEnvironment, type Rules } from "./environment.js";
import { invertedDoublePendulumModel } from "./models/inverted-double-pendulum.js";
import { addNormal, addUniform, numbers, type ObservationPart, velocities } from "./observation-parts.js";
import { modelOptions } from "./options.js";
import type { Model } from "./physics/physics.js";

const ID = "InvertedDoublePendulum-v5";
/** Height of the tip below which the episode ends (m); upright it is 1.2 m, while the distance penalty assumes 2 m. */
const FALLEN = 1;
const LIMIT = 10;

export const invertedDoublePendulumOptions = z.strictObject({
  ...modelOptions(5, 1000),
  healthyReward: z.number().default(10).describe("reward of a step after which the poles are upright"),
  resetNoiseScale: nonNegative()
    .default(0.1)
    .describe(
      "half-width of the uniform start distribution of positions around upright, and standard deviation of the normal one of velocities (m, rad; per s)",
    ),
});

type Options = z.output<typeof invertedDoublePendulumOptions>;

/** Observation part: sine, then cosine of the two angles. */
const angles: ObservationPart = {
  size: 4,
  write({ qpos }, out, at) {
    for (let k = 0; k < 2; k++) {
      out[at + k] = Math.sin(qpos[1 + k]);
      out[at + 2 + k] = Math.cos(qpos[1 + k]);
    }
  },
};

function rules({ healthyReward, resetNoiseScale }: Options, model: Model): Rules {
  const terms = { rewardSurvive: 0, distancePenalty: 0, velocityPenalty: 0 };
  return {
    start({ qpos, qvel }, rng) {
      addUniform(qpos, resetNoiseScale, rng);
      addNormal(qvel, resetNoiseScale, rng);
    },
    observation: [
      numbers((data) => data.qpos, 0, 1),
      angles,
      velocities(model, LIMIT),
      // The constraint force on the cart, at the ends of the rail.
      numbers((data) => data.qfrcConstraint, 0, 1, LIMIT),
    ],
    healthy: ({ siteXpos }) => siteXpos[2] > FALLEN,
    reward({ siteXpos, qvel }, { healthy }) {
      const [x, z] = [siteXpos[0], siteXpos[2]];
      terms.rewardSurvive = healthy ? healthyReward : 0;
      terms.distancePenalty = -(0.01 * x * x + (z - 2) ** 2);
      terms.velocityPenalty = -(1e-3 * qvel[1] ** 2 + 5e-3 * qvel[2] ** 2);
      return terms.rewardSurvive + terms.distancePenalty + terms.velocityPenalty;
    },
    terms,
  };
}

/**
 * A cart with two poles in a row. Action: a force on the cart, in [−1, 1]. Reward: 10 while the tip is above 1 m, minus
 * 0.01·x² + (z − 2)² for the position of the tip (m), minus 0.001·ω₁² + 0.005·ω₂² for the angular velocities (rad/s).
 */
export function invertedDoublePendulum(
  options: z.input<typeof invertedDoublePendulumOptions> = {},
): Promise<MujocoEnvironment> {
  const resolved = resolveOptions(ID, invertedDoublePendulumOptions, options);
  return mujocoEnvironment({
    ...resolved,
    id: ID,
    view: "side",
    xml: resolved.xml ?? invertedDoublePendulumModel,
    rules: (model) => rules(resolved, model),
  });
}
