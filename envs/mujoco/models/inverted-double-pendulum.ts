/** @file Two poles, one on the other, on a cart. The dimensions and gains are those of Gymnasium's environment, v5. */

import { cart, rail } from "./inverted-pendulum.js";
import { colours, mjcf, motors } from "./mjcf.js";

const pole = (name: string) =>
  `<geom name="${name}" type="capsule" fromto="0 0 0 0 0 0.6" size="0.045" rgba="${colours.far}"/>`;

export const invertedDoublePendulumModel = mjcf({
  name: "inverted double pendulum",
  // A small gravity along the rail, so the upright position is not an equilibrium.
  option: `timestep="0.01" integrator="RK4" gravity="1e-5 0 -9.81"`,
  defaults: `
    <joint damping="0.05"/>
    <geom contype="0" friction="1 0.1 0.1"/>
    <motor ctrlrange="-1 1"/>`,
  world: `
    <geom name="floor" type="plane" pos="0 0 -3" size="40 40 40" rgba="${colours.ground}"/>
    ${rail}
    <body name="cart">
      <joint name="slider" type="slide" axis="1 0 0" range="-1 1" margin="0.01"/>
      ${cart}
      <body name="pole">
        <joint name="hinge" type="hinge" axis="0 1 0"/>
        ${pole("pole")}
        <body name="pole2" pos="0 0 0.6">
          <joint name="hinge2" type="hinge" axis="0 1 0"/>
          ${pole("pole2")}
          <site name="tip" pos="0 0 0.6" size="0.01"/>
        </body>
      </body>
    </body>`,
  actuators: motors({ slider: 500 }),
});
