/**
 * @file An arm with seven joints, modelled on that of the PR2 robot, a cylinder on a table, and a flat disc that marks
 * the goal. The dimensions, masses and gains are those of the compiled model of Pusher-v5 in Gymnasium 1.3.0. There is
 * no gravity.
 */

import { colours, mjcf, motors } from "./mjcf.js";

/** A capsule along an axis, centred on `at`. */
function capsule(size: number, axis: "x" | "y" | "z", from: number, to: number, [x, y, z] = [0, 0, 0]) {
  const end = (along: number) =>
    [x + (axis === "x" ? along : 0), y + (axis === "y" ? along : 0), z + (axis === "z" ? along : 0)].join(
      " ",
    );
  return `<geom type="capsule" size="${size}" fromto="${end(from)} ${end(to)}"/>`;
}

const ball = (size: number, pos: string) => `<geom type="sphere" size="${size}" pos="${pos}"/>`;

/** The joints of the arm, from the shoulder to the wrist. Ranges in rad, damping in N·m·s/rad. */
const hinge = (name: string, axis: string, range: string, damping = 0.1) =>
  `<joint name="r_${name}_joint" type="hinge" axis="${axis}" range="${range}" damping="${damping}"/>`;

/** Two perpendicular slide joints, along y and along x. */
const slides = (name: string) =>
  [
    ["y", "0 1 0"],
    ["x", "1 0 0"],
  ]
    .map(
      ([axis, along]) =>
        `<joint name="${name}_slide${axis}" type="slide" axis="${along}" range="-10.3213 10.3" damping="0.5"/>`,
    )
    .join("");

const MOTORS = [
  "shoulder_pan",
  "shoulder_lift",
  "upper_arm_roll",
  "elbow_flex",
  "forearm_roll",
  "wrist_flex",
  "wrist_roll",
];

/** The MJCF document. Only the fork at the wrist, the object and the table collide. */
export const pusherModel = mjcf({
  name: "pusher",
  option: `timestep="0.01" gravity="0 0 0" iterations="20"`,
  defaults: `
    <joint armature="0.04"/>
    <geom contype="0" conaffinity="0" condim="1" density="300" friction="0.8 0.1 0.1" margin="0.002"
      rgba="${colours.far}"/>
    <motor ctrlrange="-2 2"/>`,
  world: `
    <geom name="table" type="plane" pos="0 0.5 -0.325" size="1 1 0.1" contype="1" conaffinity="1"
      rgba="${colours.ground}"/>
    <body name="r_shoulder_pan_link" pos="0 -0.6 0">
      ${hinge("shoulder_pan", "0 0 1", "-2.2854 1.714602", 1)}
      ${ball(0.05, "-0.06 0.05 0.2")}
      ${ball(0.05, "0.06 0.05 0.2")}
      ${ball(0.03, "-0.06 0.09 0.2")}
      ${ball(0.03, "0.06 0.09 0.2")}
      ${capsule(0.1, "z", -0.4, 0.2)}
      <body name="r_shoulder_lift_link" pos="0.1 0 0">
        ${hinge("shoulder_lift", "0 1 0", "-0.5236 1.3963", 1)}
        ${capsule(0.1, "y", -0.1, 0.1)}
        <body name="r_upper_arm_roll_link">
          ${hinge("upper_arm_roll", "1 0 0", "-1.5 1.7")}
          ${capsule(0.02, "x", -0.1, 0.1)}
          <body name="r_upper_arm_link">
            ${capsule(0.06, "x", 0, 0.4)}
            <body name="r_elbow_flex_link" pos="0.4 0 0">
              ${hinge("elbow_flex", "0 1 0", "-2.3213 0")}
              ${capsule(0.06, "y", -0.02, 0.02)}
              <body name="r_forearm_roll_link">
                ${hinge("forearm_roll", "1 0 0", "-1.5 1.5")}
                ${capsule(0.02, "x", -0.1, 0.1)}
                <body name="r_forearm_link">
                  ${capsule(0.05, "x", 0, 0.291)}
                  <body name="r_wrist_flex_link" pos="0.321 0 0">
                    ${hinge("wrist_flex", "0 1 0", "-1.094 0")}
                    ${capsule(0.01, "y", -0.02, 0.02)}
                    <body name="r_wrist_roll_link">
                      ${hinge("wrist_roll", "1 0 0", "-1.5 1.5")}
                      ${fork()}
                      <body name="tips_arm">
                        ${ball(0.01, "0.1 -0.1 0")}
                        ${ball(0.01, "0.1 0.1 0")}
                      </body>
                    </body>
                  </body>
                </body>
              </body>
            </body>
          </body>
        </body>
      </body>
    </body>
    <body name="object" pos="0.45 -0.05 -0.275">
      ${slides("obj")}
      <geom type="cylinder" size="0.05 0.05" density="0.01" contype="1" rgba="${colours.body}"/>
    </body>
    <body name="goal" pos="0.45 -0.05 -0.323">
      ${slides("goal")}
      <geom type="cylinder" size="0.08 0.001" density="0.00001" rgba="${colours.target}"/>
    </body>`,
  actuators: motors(Object.fromEntries(MOTORS.map((name) => [`r_${name}_joint`, 1]))),
});

/** A bar across the wrist with two prongs. */
function fork(): string {
  const solid = (geom: string) => geom.replace("/>", ' contype="1" conaffinity="1"/>');
  return [
    capsule(0.02, "y", -0.1, 0.1),
    capsule(0.02, "x", 0, 0.1, [0, -0.1, 0]),
    capsule(0.02, "x", 0, 0.1, [0, 0.1, 0]),
  ]
    .map(solid)
    .join("");
}
