/**
 * @file Humanoid-v5: walk forward on two legs without falling. The robot of [Tassa, Erez & Todorov 2012], as in
 * Gymnasium 1.3.
 */

import * as z from "zod";
import { nonNegative, resolveOptions } from "../../src/config/options.js";
import type { Info } from "../../src/env/contracts.js";
import { type MujocoEnvironment, mujocoEnvironment, type Rules } from "./environment.js";
import { humanoidModel } from "./models/humanoid.js";
import { addUniform, numbers, type ObservationPart, positions, velocities } from "./observation-parts.js";
import { excludePositions, inside, modelOptions, range } from "./options.js";
import type { Data, Model } from "./physics/physics.js";

const ID = "Humanoid-v5";

/** Options for the parts of the observation, shared by Humanoid and HumanoidStandup. */
export const humanoidObservationOptions = {
  excludeCurrentPositionsFromObservation: excludePositions().describe(
    "whether x and y are left out of the observation",
  ),
  includeCinertInObservation: z
    .boolean()
    .default(true)
    .describe("whether the inertia and mass of every body, about the robot's centre of mass, are observed"),
  includeCvelInObservation: z
    .boolean()
    .default(true)
    .describe("whether the velocity of every body, about the robot's centre of mass, is observed"),
  includeQfrcActuatorInObservation: z
    .boolean()
    .default(true)
    .describe("whether the torques of the actuators at the joints are observed"),
  includeCfrcExtInObservation: z
    .boolean()
    .default(true)
    .describe("whether the contact forces on every body are observed"),
};

export const humanoidOptions = z.strictObject({
  ...modelOptions(5, 1000),
  forwardRewardWeight: z
    .number()
    .default(1.25)
    .describe("weight of the velocity of the centre of mass along x in the reward (per m/s)"),
  ctrlCostWeight: nonNegative().default(0.1).describe("weight of the sum of squared actions in the cost"),
  contactCostWeight: nonNegative()
    .default(5e-7)
    .describe("weight of the sum of squared contact forces in the cost"),
  contactCostRange: range(-Infinity, 10).describe(
    "range that the weighted sum of squared contact forces is clipped to",
  ),
  healthyReward: z.number().default(5).describe("reward of a step that ends in a healthy state"),
  terminateWhenUnhealthy: z.boolean().default(true).describe("whether an unhealthy state ends the episode"),
  healthyZRange: range(1, 2).describe("range of healthy heights of the torso (m)"),
  resetNoiseScale: nonNegative()
    .default(1e-2)
    .describe(
      "half-width of the uniform start distribution of positions and velocities around standing at rest (m, rad; per s)",
    ),
  ...humanoidObservationOptions,
});

export type HumanoidOptions = z.output<typeof humanoidOptions>;

type ObservationOptions = Pick<HumanoidOptions, keyof typeof humanoidObservationOptions>;

/** The observation of a humanoid. Entries of the world body and of the root joint are left out, because they are 0. */
export function humanoidObservation(options: ObservationOptions, model: Model): ObservationPart[] {
  const ofBodies = (read: (data: Data) => Float64Array, width: number) =>
    numbers(read, width, width * model.nbody);
  return [
    positions(model, options.excludeCurrentPositionsFromObservation ? 2 : 0),
    velocities(model),
    ...(options.includeCinertInObservation ? [ofBodies((data) => data.cinert, 10)] : []),
    ...(options.includeCvelInObservation ? [ofBodies((data) => data.cvel, 6)] : []),
    ...(options.includeQfrcActuatorInObservation ? [numbers((data) => data.qfrcActuator, 6, model.nv)] : []),
    ...(options.includeCfrcExtInObservation ? [ofBodies((data) => data.cfrcExt, 6)] : []),
  ];
}

/** Contact cost: `weight` times the sum of squared contact forces, clipped. */
export function contactCost(
  cfrcExt: Float64Array,
  weight: number,
  [low, high]: readonly [number, number],
): number {
  let sum = 0;
  for (let k = 0; k < cfrcExt.length; k++) sum += cfrcExt[k] * cfrcExt[k];
  return Math.min(Math.max(weight * sum, low), high);
}

/** `mjWRAP_JOINT` of MuJoCo: the type of a term of a fixed tendon. */
const JOINT_TERM = 1;

/**
 * The lengths and velocities of the model's fixed tendons, for `info`. They couple hip and knee. Their lengths are linear
 * in the joint positions and are computed from these; spatial tendons are left out.
 */
export function tendonInfo(model: Model): (data: Data) => Info {
  const [first, count, kinds, joints, positionOf, velocityOf] = [
    "tendon_adr",
    "tendon_num",
    "wrap_type",
    "wrap_objid",
    "jnt_qposadr",
    "jnt_dofadr",
  ].map((name) => Array.from(model.array(name)));
  const coefficients = Array.from(model.array("wrap_prm"));
  const terms = first.map((from, k) => Array.from({ length: count[k] }, (_, term) => from + term));
  if (terms.flat().some((term) => kinds[term] !== JOINT_TERM)) return () => ({});
  const combine = (values: Float64Array, entries: number[]) =>
    terms.map((own) => own.reduce((sum, k) => sum + coefficients[k] * values[entries[joints[k]]], 0));
  return ({ qpos, qvel }) => ({
    tendonLength: combine(qpos, positionOf),
    tendonVelocity: combine(qvel, velocityOf),
  });
}

/** The rules of the humanoid; families of tasks change them. */
export function humanoidRules(options: HumanoidOptions, model: Model): Rules {
  const { forwardRewardWeight, ctrlCostWeight, healthyReward, resetNoiseScale, healthyZRange } = options;
  const { contactCostWeight, contactCostRange } = options;
  const terms = {
    xVelocity: 0,
    yVelocity: 0,
    rewardSurvive: 0,
    rewardForward: 0,
    rewardCtrl: 0,
    rewardContact: 0,
  };
  const tendons = tendonInfo(model);
  const masses = Float64Array.from(model.array("body_mass"));
  return {
    start({ qpos, qvel }, rng) {
      addUniform(qpos, resetNoiseScale, rng);
      addUniform(qvel, resetNoiseScale, rng);
    },
    observation: humanoidObservation(options, model),
    contactForces: options.includeCfrcExtInObservation || contactCostWeight > 0,
    position: ({ xipos }, out) => centreOfMass(masses, xipos, out),
    healthy: ({ qpos }) => inside(qpos[2], healthyZRange),
    reward({ cfrcExt }, { xVelocity, yVelocity, effort, healthy }) {
      terms.xVelocity = xVelocity;
      terms.yVelocity = yVelocity;
      terms.rewardForward = forwardRewardWeight * xVelocity;
      terms.rewardSurvive = healthy ? healthyReward : 0;
      terms.rewardCtrl = -ctrlCostWeight * effort;
      terms.rewardContact = -contactCost(cfrcExt, contactCostWeight, contactCostRange);
      return terms.rewardForward + terms.rewardSurvive + (terms.rewardCtrl + terms.rewardContact);
    },
    terms,
    info(data) {
      const [x, y] = data.qpos;
      return { xPosition: x, yPosition: y, ...tendons(data), distanceFromOrigin: Math.hypot(x, y) };
    },
  };
}

/** x and y of the centre of mass, from the masses `[bodies]` and the centres `[bodies × 3]` of the bodies. */
function centreOfMass(masses: Float64Array, centres: Float64Array, out: Float64Array): void {
  let total = 0;
  let x = 0;
  let y = 0;
  for (let b = 0; b < masses.length; b++) {
    total += masses[b];
    x += masses[b] * centres[3 * b];
    y += masses[b] * centres[3 * b + 1];
  }
  out[0] = x / total;
  out[1] = y / total;
}

/**
 * The humanoid. Actions: torques at 17 joints, in [−0.4, 0.4]. Reward: 1.25 times the velocity of the centre of mass
 * along x (m/s), plus 5 while healthy, minus 0.1 times the sum of squared actions, minus a cost of contact forces. An
 * episode ends when the torso is below 1 m or above 2 m.
 */
export function humanoid(options: z.input<typeof humanoidOptions> = {}): Promise<MujocoEnvironment> {
  const resolved = resolveOptions(ID, humanoidOptions, options);
  return mujocoEnvironment({
    ...resolved,
    id: ID,
    xml: resolved.xml ?? humanoidModel,
    rules: (model) => humanoidRules(resolved, model),
  });
}
