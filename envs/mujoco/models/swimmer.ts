/** @file A chain of three links in a viscous plane. The dimensions and gains are those of Gymnasium's Swimmer-v5. */

import { colours, mjcf, motors, radians } from "./mjcf.js";

/** A link of 1 m without collisions; only the medium acts on it. */
const link = (from: number, to: number) =>
  `<geom type="capsule" fromto="${from} 0 0 ${to} 0 0" size="0.1" density="1000" rgba="${colours.body}"/>`;

const hinge = (name: string) =>
  `<joint name="${name}" type="hinge" axis="0 0 1" range="${radians(-100)} ${radians(100)}"/>`;

export const swimmerModel = mjcf({
  name: "swimmer",
  option: `timestep="0.01" integrator="RK4" density="4000" viscosity="0.1"`,
  defaults: `
    <joint armature="0.1"/>
    <geom contype="0" conaffinity="0" condim="1"/>
    <motor ctrlrange="-1 1"/>`,
  world: `
    <geom name="floor" type="plane" pos="0 0 -0.1" size="40 40 0.1" condim="3" rgba="${colours.ground}"/>
    <body name="torso">
      <joint name="slider1" type="slide" axis="1 0 0"/>
      <joint name="slider2" type="slide" axis="0 1 0"/>
      <joint name="free_body_rot" type="hinge" axis="0 0 1"/>
      ${link(1.5, 0.5)}
      <body name="mid" pos="0.5 0 0">
        ${hinge("motor1_rot")}
        ${link(0, -1)}
        <body name="back" pos="-1 0 0">
          ${hinge("motor2_rot")}
          ${link(0, -1)}
        </body>
      </body>
    </body>`,
  actuators: motors({ motor1_rot: 150, motor2_rot: 150 }),
});
