/**
 * @file Ant-v5: run forward on four legs. The robot of [Schulman et al. 2016], as in Gymnasium 1.3.
 */

import * as z from "zod";
import { nonNegative, resolveOptions } from "../../src/config/options.js";
import { UsageError } from "../../src/errors.js";
import { type MujocoEnvironment, mujocoEnvironment, type Rules } from "./environment.js";
import { antModel } from "./models/ant.js";
import { addNormal, addUniform, type ObservationPart, positions, velocities } from "./observation-parts.js";
import { excludePositions, modelOptions, range } from "./options.js";
import type { Data, Model } from "./physics/physics.js";

const ID = "Ant-v5";

export const antOptions = z.strictObject({
  ...modelOptions(5, 1000),
  forwardRewardWeight: z
    .number()
    .default(1)
    .describe("weight of the velocity along x in the reward (per m/s)"),
  ctrlCostWeight: nonNegative().default(0.5).describe("weight of the sum of squared actions in the cost"),
  contactCostWeight: nonNegative()
    .default(5e-4)
    .describe(
      "weight of the sum of squared contact forces in the cost, after clipping to `contactForceRange`",
    ),
  healthyReward: z.number().default(1).describe("reward of a step that ends in a healthy state"),
  mainBody: z
    .union([z.string(), z.int().nonnegative()])
    .default(1)
    .describe("body whose displacement is rewarded, by name or index"),
  terminateWhenUnhealthy: z.boolean().default(true).describe("whether an unhealthy state ends the episode"),
  healthyZRange: range(0.2, 1).describe("range of healthy heights of the torso, ends included (m)"),
  contactForceRange: range(-1, 1).describe(
    "range that contact forces and torques are clipped to, in the observation and in the cost (N, N·m)",
  ),
  resetNoiseScale: nonNegative()
    .default(0.1)
    .describe(
      "half-width of the uniform start distribution of positions, and standard deviation of the normal one of velocities (m, rad; per s)",
    ),
  excludeCurrentPositionsFromObservation: excludePositions().describe(
    "whether x and y are left out of the observation",
  ),
  includeCfrcExtInObservation: z
    .boolean()
    .default(true)
    .describe("whether the clipped contact forces on every body except the world are observed"),
});

export type AntOptions = z.output<typeof antOptions>;

/** The rules of the ant; families of tasks change them. */
export function antRules(options: AntOptions, model: Model): Rules {
  const { forwardRewardWeight, ctrlCostWeight, contactCostWeight, healthyReward, resetNoiseScale } = options;
  const { healthyZRange, contactForceRange, includeCfrcExtInObservation } = options;
  const terms = {
    xVelocity: 0,
    yVelocity: 0,
    rewardForward: 0,
    rewardCtrl: 0,
    rewardContact: 0,
    rewardSurvive: 0,
  };
  const body = 3 * bodyIndex(model, options.mainBody);
  const contactForces = forces(model, contactForceRange);
  return {
    start({ qpos, qvel }, rng) {
      addUniform(qpos, resetNoiseScale, rng);
      addNormal(qvel, resetNoiseScale, rng);
    },
    observation: [
      positions(model, options.excludeCurrentPositionsFromObservation ? 2 : 0),
      velocities(model),
      ...(includeCfrcExtInObservation ? [contactForces] : []),
    ],
    contactForces: includeCfrcExtInObservation || contactCostWeight > 0,
    position({ xpos }, out) {
      out[0] = xpos[body];
      out[1] = xpos[body + 1];
    },
    healthy: (data) => isHealthy(data, healthyZRange),
    reward({ cfrcExt }, { xVelocity, yVelocity, effort, healthy }) {
      terms.xVelocity = xVelocity;
      terms.yVelocity = yVelocity;
      terms.rewardForward = forwardRewardWeight * xVelocity;
      terms.rewardCtrl = -ctrlCostWeight * effort;
      terms.rewardContact = -contactCostWeight * clippedSquares(cfrcExt, contactForceRange);
      terms.rewardSurvive = healthy ? healthyReward : 0;
      return terms.rewardForward + terms.rewardSurvive + (terms.rewardCtrl + terms.rewardContact);
    },
    terms,
    info: ({ qpos: [x, y] }) => ({ xPosition: x, yPosition: y, distanceFromOrigin: Math.hypot(x, y) }),
  };
}

type Range = readonly [number, number];

const clip = (value: number, [low, high]: Range): number => (value < low ? low : value > high ? high : value);

function clippedSquares(values: Float64Array, limits: Range): number {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += clip(values[k], limits) ** 2;
  return sum;
}

/** Clipped contact forces and torques on every body except the world. */
const forces = ({ nbody }: Model, limits: Range): ObservationPart => ({
  size: 6 * (nbody - 1),
  write({ cfrcExt }, out, at) {
    for (let k = 6; k < cfrcExt.length; k++, at++) out[at] = clip(cfrcExt[k], limits);
  },
});

function isHealthy({ qpos, qvel }: Data, [low, high]: Range): boolean {
  if (!(low <= qpos[2] && qpos[2] <= high)) return false;
  for (let k = 0; k < qpos.length; k++) if (!Number.isFinite(qpos[k])) return false;
  for (let k = 0; k < qvel.length; k++) if (!Number.isFinite(qvel[k])) return false;
  return true;
}

function bodyIndex(model: Model, body: string | number): number {
  if (typeof body === "string") return model.id("body", body);
  if (body < model.nbody) return body;
  throw new UsageError(`${ID}: option "mainBody" is ${body}, but the model has ${model.nbody} bodies`);
}

/**
 * The ant, a ball on four legs. Actions: torques at hips and ankles, in [−1, 1]. Reward: the velocity along x (m/s), plus
 * 1 while healthy, minus 0.5 times the sum of squared actions, minus 5·10⁻⁴ times the sum of squared clipped contact
 * forces. An episode ends when the height of the torso leaves its healthy range.
 */
export function ant(options: z.input<typeof antOptions> = {}): Promise<MujocoEnvironment> {
  const resolved = resolveOptions(ID, antOptions, options);
  return mujocoEnvironment({
    ...resolved,
    id: ID,
    xml: resolved.xml ?? antModel,
    rules: (model) => antRules(resolved, model),
  });
}
