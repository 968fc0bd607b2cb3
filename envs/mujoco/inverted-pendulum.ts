/**
 * @file InvertedPendulum-v5: keep a pole on a cart upright by pushing the cart. The problem is that of
 * [Barto, Sutton & Anderson 1983] with continuous forces, as in Gymnasium 1.3.
 */

import * as z from "zod";
import { nonNegative, resolveOptions } from "../../src/config/options.js";
import { type MujocoEnvironment, mujocoEnvironment, type Rules } from "./environment.js";
import { invertedPendulumModel } from "./models/inverted-pendulum.js";
import { addUniform, positions, velocities } from "./observation-parts.js";
import { modelOptions } from "./options.js";
import type { Model } from "./physics/physics.js";

const ID = "InvertedPendulum-v5";
/** Largest angle of the pole from upright (rad); beyond it the episode ends. */
const MAX_ANGLE = 0.2;

export const invertedPendulumOptions = z.strictObject({
  ...modelOptions(2, 1000),
  resetNoiseScale: nonNegative()
    .default(0.01)
    .describe(
      "half-width of the uniform start distribution of positions and velocities around upright at rest (m, rad; per s)",
    ),
});

type Options = z.output<typeof invertedPendulumOptions>;

function rules({ resetNoiseScale }: Options, model: Model): Rules {
  const terms = { rewardSurvive: 0 };
  return {
    start({ qpos, qvel }, rng) {
      addUniform(qpos, resetNoiseScale, rng);
      addUniform(qvel, resetNoiseScale, rng);
    },
    observation: [positions(model), velocities(model)],
    healthy: ({ qpos }) => Math.abs(qpos[1]) <= MAX_ANGLE,
    reward(_, { healthy }) {
      terms.rewardSurvive = healthy ? 1 : 0;
      return terms.rewardSurvive;
    },
    terms,
  };
}

/** A cart (slide joint) with a pole (hinge joint). Action: a force on the cart, in [−3, 3]. Reward: 1 while upright. */
export function invertedPendulum(
  options: z.input<typeof invertedPendulumOptions> = {},
): Promise<MujocoEnvironment> {
  const resolved = resolveOptions(ID, invertedPendulumOptions, options);
  return mujocoEnvironment({
    ...resolved,
    id: ID,
    view: "side",
    xml: resolved.xml ?? invertedPendulumModel,
    rules: (model) => rules(resolved, model),
  });
}
