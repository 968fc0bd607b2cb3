/** @file Pusher-v5: push a cylinder to a goal with the tip of an arm of seven joints. As in Gymnasium 1.3. */

import * as z from "zod";
import { nonNegative, resolveOptions } from "../../src/config/options.js";
import { type MujocoEnvironment, mujocoEnvironment, type Rules } from "./environment.js";
import { pusherModel } from "./models/pusher.js";
import { addUniform, numbers } from "./observation-parts.js";
import { modelOptions } from "./options.js";
import type { Model } from "./physics/physics.js";

const ID = "Pusher-v5";
/** Joints of the arm. In positions and velocities, those of the object and the goal follow, y before x. */
const ARM = 7;
/** Smallest distance between object and goal at the start (m). */
const CLEARANCE = 0.17;

export const pusherOptions = z.strictObject({
  ...modelOptions(5, 100),
  rewardNearWeight: nonNegative()
    .default(0.5)
    .describe("weight of the distance between the arm's tip and the object in the cost (per m)"),
  rewardDistWeight: nonNegative()
    .default(1)
    .describe("weight of the distance between the object and the goal in the cost (per m)"),
  rewardControlWeight: nonNegative()
    .default(0.1)
    .describe("weight of the sum of squared actions in the cost"),
});

type Options = z.output<typeof pusherOptions>;

function rules({ rewardNearWeight, rewardDistWeight, rewardControlWeight }: Options, model: Model): Rules {
  const terms = { rewardDist: 0, rewardCtrl: 0, rewardNear: 0 };
  const [tip, object, goal] = ["tips_arm", "object", "goal"].map((name) => 3 * model.id("body", name));
  const place = (body: number) => numbers(({ xpos }) => xpos, body, body + 3);
  return {
    start({ qpos, qvel }, rng) {
      do {
        qpos[ARM] = -0.3 * rng.uniform();
        qpos[ARM + 1] = 0.2 * (2 * rng.uniform() - 1);
      } while (Math.hypot(qpos[ARM], qpos[ARM + 1]) <= CLEARANCE);
      qpos.fill(0, ARM + 2);
      addUniform(qvel, 0.005, rng);
      qvel.fill(0, ARM);
    },
    observation: [
      numbers((data) => data.qpos, 0, ARM),
      numbers((data) => data.qvel, 0, ARM),
      place(tip),
      place(object),
      place(goal),
    ],
    reward({ xpos }, { effort }) {
      terms.rewardDist = -rewardDistWeight * distance(xpos, object, goal);
      terms.rewardCtrl = -rewardControlWeight * effort;
      terms.rewardNear = -rewardNearWeight * distance(xpos, object, tip);
      return terms.rewardDist + terms.rewardCtrl + terms.rewardNear;
    },
    terms,
  };
}

/** Distance between the points whose coordinates begin at entries `a` and `b`. */
const distance = (points: Float64Array, a: number, b: number): number =>
  Math.hypot(points[a] - points[b], points[a + 1] - points[b + 1], points[a + 2] - points[b + 2]);

/**
 * An arm over a table. Actions: torques at its seven joints, in [−2, 2]. Reward: minus the distance between object and
 * goal (m), minus half of the distance between tip and object, minus 0.1 times the sum of squared actions. Episodes end
 * only at the time limit; the start of the object is random.
 */
export function pusher(options: z.input<typeof pusherOptions> = {}): Promise<MujocoEnvironment> {
  const resolved = resolveOptions(ID, pusherOptions, options);
  return mujocoEnvironment({
    ...resolved,
    id: ID,
    xml: resolved.xml ?? pusherModel,
    rules: (model) => rules(resolved, model),
  });
}
