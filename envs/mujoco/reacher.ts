/** @file Reacher-v5: bring the tip of an arm with two links to a target on the table. As in Gymnasium 1.3. */

import * as z from "zod";
import { nonNegative, resolveOptions } from "../../src/config/options.js";
import { type MujocoEnvironment, mujocoEnvironment, type Rules } from "./environment.js";
import { reacherModel } from "./models/reacher.js";
import { numbers, type ObservationPart } from "./observation-parts.js";
import { modelOptions } from "./options.js";
import type { Model } from "./physics/physics.js";

const ID = "Reacher-v5";
/** Radius of the disc on which targets are uniform (m). */
const REACH = 0.2;

export const reacherOptions = z.strictObject({
  ...modelOptions(2, 50),
  rewardDistWeight: nonNegative()
    .default(1)
    .describe("weight of the distance between the tip and the target in the cost (per m)"),
  rewardControlWeight: nonNegative().default(1).describe("weight of the sum of squared actions in the cost"),
});

type Options = z.output<typeof reacherOptions>;

/** Observation part: cosine, then sine of the two joint angles. */
const angles: ObservationPart = {
  size: 4,
  write({ qpos }, out, at) {
    for (let k = 0; k < 2; k++) {
      out[at + k] = Math.cos(qpos[k]);
      out[at + 2 + k] = Math.sin(qpos[k]);
    }
  },
};

function rules({ rewardDistWeight, rewardControlWeight }: Options, model: Model): Rules {
  const terms = { rewardDist: 0, rewardCtrl: 0 };
  const tip = 3 * model.id("body", "fingertip");
  const target = 3 * model.id("body", "target");
  const offset = new Float64Array(3);
  const fromTarget = (xpos: Float64Array) => {
    for (let k = 0; k < 3; k++) offset[k] = xpos[tip + k] - xpos[target + k];
    return offset;
  };
  return {
    start({ qpos, qvel }, rng) {
      for (let k = 0; k < 2; k++) {
        qpos[k] += 0.1 * (2 * rng.uniform() - 1);
        qvel[k] = 0.005 * (2 * rng.uniform() - 1);
      }
      do {
        for (let k = 2; k < 4; k++) qpos[k] = REACH * (2 * rng.uniform() - 1);
      } while (qpos[2] ** 2 + qpos[3] ** 2 >= REACH ** 2);
    },
    observation: [
      angles,
      numbers((data) => data.qpos, 2, 4),
      numbers((data) => data.qvel, 0, 2),
      numbers(({ xpos }) => fromTarget(xpos), 0, 2),
    ],
    reward({ xpos }, { effort }) {
      fromTarget(xpos);
      terms.rewardDist = -rewardDistWeight * Math.sqrt(offset[0] ** 2 + offset[1] ** 2 + offset[2] ** 2);
      terms.rewardCtrl = -rewardControlWeight * effort;
      return terms.rewardDist + terms.rewardCtrl;
    },
    terms,
  };
}

/**
 * An arm on a table. Actions: torques at its two joints, in [−1, 1]. Reward: minus the distance between the tip and the
 * target (m), minus the sum of squared actions. Each episode has a new random target.
 */
export function reacher(options: z.input<typeof reacherOptions> = {}): Promise<MujocoEnvironment> {
  const resolved = resolveOptions(ID, reacherOptions, options);
  return mujocoEnvironment({
    ...resolved,
    id: ID,
    view: "top",
    xml: resolved.xml ?? reacherModel,
    rules: (model) => rules(resolved, model),
  });
}
