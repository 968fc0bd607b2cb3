/**
 * @file The humanoid: a torso, two legs of three parts and two arms of two [Tassa, Erez & Todorov 2012]. The dimensions,
 * masses and gains are those of the compiled models of Humanoid-v5 and HumanoidStandup-v5 in Gymnasium 1.3.0.
 *
 * The two models are the same body, standing or lying on its back. The only other difference is the range of the left
 * hip.
 */

import { colours, mjcf, motors, radians } from "./mjcf.js";

type Vector = readonly [number, number, number];

/** Positions of the body parts in the frames of their parents (m). */
interface Posture {
  /** Height of the torso. */
  height: number;
  head: Vector;
  upperWaist: Vector;
  lowerWaist: Vector;
  pelvis: Vector;
  /** Height of the hips above the pelvis. */
  hip: number;
  /** Ends of the thigh and the shin, and positions of knee and foot, without the sideways slant. */
  thigh: Vector;
  knee: Vector;
  shin: Vector;
  foot: Vector;
  /** Largest backward angle of the left hip (°). */
  leftHipReach: number;
}

const STANDING: Posture = {
  height: 1.4,
  head: [0, 0, 0.19],
  upperWaist: [-0.01, 0, -0.12],
  lowerWaist: [-0.01, 0, -0.26],
  pelvis: [0, 0, -0.165],
  hip: -0.04,
  thigh: [0, 0, -0.34],
  knee: [0, 0, -0.403],
  shin: [0, 0, -0.3],
  foot: [0, 0, -0.45],
  leftHipReach: -110,
};

const LYING: Posture = {
  height: 0.105,
  head: [-0.15, 0, 0],
  upperWaist: [0.11, 0, 0],
  lowerWaist: [0.21, 0, 0],
  pelvis: [0.165, 0, 0],
  hip: 0,
  thigh: [0.34, 0, 0],
  knee: [0.403, 0, 0],
  shin: [0.3, 0, 0],
  foot: [0.35, 0, -0.1],
  leftHipReach: -120,
};

const sideways = ([x, y, z]: Vector, by: number): Vector => [x, y + by, z];
const sphere = (size: number, at: Vector) => `<geom type="sphere" size="${size}" pos="${at.join(" ")}"/>`;
const capsule = (size: number, from: Vector, to: Vector) =>
  `<geom type="capsule" size="${size}" fromto="${from.join(" ")} ${to.join(" ")}"/>`;
/** A capsule across the body, from right to left. */
const across = (size: number, half: number, at: Vector = [0, 0, 0]) =>
  capsule(size, sideways(at, -half), sideways(at, half));

interface Hinge {
  axis: Vector;
  range: readonly [number, number];
  armature: number;
  damping?: number;
  stiffness?: number;
  pos?: Vector;
}

/** Ranges in degrees, damping in N·m·s/rad, stiffness in N·m/rad. */
const hinge = (
  name: string,
  { axis, range, armature, damping = 5, stiffness = 10, pos = [0, 0, 0] }: Hinge,
) =>
  `<joint name="${name}" type="hinge" axis="${axis.join(" ")}" range="${range.map(radians).join(" ")}" pos="${pos.join(" ")}"
      armature="${armature}" damping="${damping}" stiffness="${stiffness}"/>`;

/** `side` is 1 on the left and −1 on the right, where y is negative. */
function leg(side: 1 | -1, posture: Posture): string {
  const name = side > 0 ? "left" : "right";
  const reach = side > 0 ? posture.leftHipReach : STANDING.leftHipReach;
  const slant = -0.01 * side;
  return `
      <body name="${name}_thigh" pos="0 ${0.1 * side} ${posture.hip}">
        ${hinge(`${name}_hip_x`, { axis: [-side, 0, 0], range: [-25, 5], armature: 0.01 })}
        ${hinge(`${name}_hip_z`, { axis: [0, 0, -side], range: [-60, 35], armature: 0.01 })}
        ${hinge(`${name}_hip_y`, { axis: [0, 1, 0], range: [reach, 20], armature: side > 0 ? 0.01 : 0.008, stiffness: 20 })}
        ${capsule(0.06, [0, 0, 0], sideways(posture.thigh, slant))}
        <body name="${name}_shin" pos="${sideways(posture.knee, slant).join(" ")}">
          ${hinge(`${name}_knee`, {
            axis: [0, -1, 0],
            range: [-160, -2],
            pos: [0, 0, 0.02],
            armature: 0.006,
            damping: 1,
            stiffness: side > 0 ? 1 : 0,
          })}
          ${capsule(0.049, [0, 0, 0], posture.shin)}
          <body name="${name}_foot" pos="${posture.foot.join(" ")}">${sphere(0.075, [0, 0, 0.1])}</body>
        </body>
      </body>`;
}

/** An upper arm that points forward, out and down, and a lower arm that points forward, in and up. */
function arm(side: 1 | -1): string {
  const name = side > 0 ? "left" : "right";
  const range = side > 0 ? ([-60, 85] as const) : ([-85, 60] as const);
  const shoulder = { range, damping: 1, stiffness: 1 };
  const out = (d: number): Vector => [d, side * d, -d];
  const back = (d: number): Vector => [d, -side * d, d];
  const bend = { axis: [0, -1, -side] as const, range: [-90, 50] as const, damping: 1, stiffness: 0 };
  return `
      <body name="${name}_upper_arm" pos="0 ${0.17 * side} 0.06">
        ${hinge(`${name}_shoulder1`, { ...shoulder, axis: [2, -side, 1], armature: 0.0068 })}
        ${hinge(`${name}_shoulder2`, { ...shoulder, axis: [0, side, 1], armature: 0.0051 })}
        ${capsule(0.04, [0, 0, 0], out(0.16))}
        <body name="${name}_lower_arm" pos="${out(0.18).join(" ")}">
          ${hinge(`${name}_elbow`, { ...bend, armature: 0.0028 })}
          ${capsule(0.031, back(0.01), back(0.17))}
          ${sphere(0.04, back(0.18))}
        </body>
      </body>`;
}

/** Joints in the order of the actions, with their gears (N·m for a control of 1). */
const MOTORS: readonly (readonly [string, number])[] = [
  ["abdomen_y", 100],
  ["abdomen_z", 100],
  ["abdomen_x", 100],
  ...["right", "left"].flatMap((side): [string, number][] => [
    [`${side}_hip_x`, 100],
    [`${side}_hip_z`, 100],
    [`${side}_hip_y`, 300],
    [`${side}_knee`, 200],
  ]),
  ...["right", "left"].flatMap((side): [string, number][] => [
    [`${side}_shoulder1`, 25],
    [`${side}_shoulder2`, 25],
    [`${side}_elbow`, 25],
  ]),
];

/** Fixed tendons between hip and knee without stiffness; they only measure the difference of the two angles. */
const tendon = (side: string) =>
  `<fixed name="${side}_hipknee"><joint joint="${side}_hip_y" coef="-1"/><joint joint="${side}_knee" coef="1"/></fixed>`;

/** The MJCF document. The waist is tilted by 0.004 rad. */
const humanoid = (name: string, posture: Posture): string =>
  mjcf({
    name,
    option: `timestep="0.003" integrator="RK4" solver="PGS" iterations="50"`,
    defaults: `
    <geom condim="1" margin="0.001" rgba="${colours.body}"/>
    <motor ctrlrange="-0.4 0.4"/>`,
    world: `
    <geom name="floor" type="plane" size="20 20 0.125" condim="3" friction="1 0.1 0.1" rgba="${colours.ground}"/>
    <body name="torso" pos="0 0 ${posture.height}">
      <freejoint name="root"/>
      ${across(0.07, 0.07)}
      ${sphere(0.09, posture.head)}
      ${across(0.06, 0.06, posture.upperWaist)}
      <body name="lwaist" pos="${posture.lowerWaist.join(" ")}" quat="1 0 -0.002 0">
        ${hinge("abdomen_z", { axis: [0, 0, 1], range: [-45, 45], pos: [0, 0, 0.065], armature: 0.02, stiffness: 20 })}
        ${hinge("abdomen_y", { axis: [0, 1, 0], range: [-75, 30], pos: [0, 0, 0.065], armature: 0.02 })}
        ${across(0.06, 0.06)}
        <body name="pelvis" pos="${posture.pelvis.join(" ")}" quat="1 0 -0.002 0">
          ${hinge("abdomen_x", { axis: [1, 0, 0], range: [-35, 35], pos: [0, 0, 0.1], armature: 0.02 })}
          ${across(0.09, 0.07, [-0.02, 0, 0])}${leg(-1, posture)}${leg(1, posture)}
        </body>
      </body>${arm(-1)}${arm(1)}
    </body>`,
    more: `<tendon>${tendon("left")}${tendon("right")}</tendon>`,
    actuators: motors(Object.fromEntries(MOTORS)),
  });

export const humanoidModel = humanoid("humanoid", STANDING);
export const humanoidStandupModel = humanoid("humanoidstandup", LYING);
