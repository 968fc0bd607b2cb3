/** @file A pole on a cart on a rail. The dimensions and gains are those of Gymnasium's InvertedPendulum-v5. */

import { colours, mjcf, motors, radians } from "./mjcf.js";

/** A capsule along x, centred at the origin of its body. */
const lying = (name: string, halfLength: number, radius: number, colour: string) =>
  `<geom name="${name}" type="capsule" size="${radius} ${halfLength}" quat="1 0 1 0" rgba="${colour}"/>`;

export const rail = lying("rail", 1, 0.02, colours.rail);
export const cart = lying("cart", 0.1, 0.1, colours.body);

export const invertedPendulumModel = mjcf({
  name: "inverted pendulum",
  option: `timestep="0.02" integrator="RK4"`,
  defaults: `
    <joint damping="1"/>
    <geom contype="0" friction="1 0.1 0.1"/>
    <motor ctrlrange="-3 3"/>`,
  // The end of the pole is displaced by 1 mm, so the upright position is not an equilibrium.
  world: `
    ${rail}
    <body name="cart">
      <joint name="slider" type="slide" axis="1 0 0" range="-1 1"/>
      ${cart}
      <body name="pole">
        <joint name="hinge" type="hinge" axis="0 1 0" range="${radians(-90)} ${radians(90)}"/>
        <geom name="pole" type="capsule" fromto="0 0 0 0.001 0 0.6" size="0.049" rgba="${colours.far}"/>
      </body>
    </body>`,
  actuators: motors({ slider: 100 }),
});
