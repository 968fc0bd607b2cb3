/** @file An arm of two links on a table, and a target. The dimensions and gains are those of Gymnasium's Reacher-v5. */

import { colours, mjcf, motors } from "./mjcf.js";

/** Half of the side of the table, and the height of arm and target above it (m). */
const SIDE = 0.3;
const HEIGHT = 0.01;

/** An edge of the table, without collisions. */
const edge = (name: string, from: string, to: string) =>
  `<geom name="${name}" type="capsule" fromto="${from} ${HEIGHT} ${to} ${HEIGHT}" size="0.02"
    contype="0" conaffinity="0" rgba="${colours.rail}"/>`;

/** A link of 0.1 m along x. */
const link = (name: string) =>
  `<geom name="${name}" type="capsule" fromto="0 0 0 0.1 0 0" size="0.01" rgba="${colours.body}"/>`;

/** A slide joint of the target; the environment sets its coordinate. */
const targetJoint = (name: string, axis: string, start: number) =>
  `<joint name="${name}" type="slide" axis="${axis}" range="-0.27 0.27" ref="${start}" damping="0" armature="0"/>`;

export const reacherModel = mjcf({
  name: "reacher",
  option: `timestep="0.01" integrator="RK4"`,
  defaults: `
    <joint damping="1" armature="1"/>
    <geom contype="0" friction="1 0.1 0.1"/>
    <motor ctrlrange="-1 1"/>`,
  world: `
    <geom name="ground" type="plane" size="1 1 10" contype="0" conaffinity="0" rgba="${colours.ground}"/>
    ${edge("south", `${-SIDE} ${-SIDE}`, `${SIDE} ${-SIDE}`)}
    ${edge("east", `${SIDE} ${-SIDE}`, `${SIDE} ${SIDE}`)}
    ${edge("north", `${-SIDE} ${SIDE}`, `${SIDE} ${SIDE}`)}
    ${edge("west", `${-SIDE} ${-SIDE}`, `${-SIDE} ${SIDE}`)}
    <geom name="root" type="cylinder" fromto="0 0 0 0 0 0.02" size="0.011"
      contype="0" conaffinity="0" rgba="${colours.rail}"/>
    <body name="body0" pos="0 0 ${HEIGHT}">
      <joint name="joint0" type="hinge" axis="0 0 1"/>
      ${link("link0")}
      <body name="body1" pos="0.1 0 0">
        <joint name="joint1" type="hinge" axis="0 0 1" range="-3 3"/>
        ${link("link1")}
        <body name="fingertip" pos="0.11 0 0">
          <geom name="fingertip" type="sphere" size="0.01" rgba="${colours.far}"/>
        </body>
      </body>
    </body>
    <body name="target" pos="0.1 -0.1 ${HEIGHT}">
      ${targetJoint("target_x", "1 0 0", 0.1)}
      ${targetJoint("target_y", "0 1 0", -0.1)}
      <geom name="target" type="sphere" size="0.009" contype="0" conaffinity="0" rgba="${colours.target}"/>
    </body>`,
  actuators: motors({ joint0: 200, joint1: 200 }),
});
