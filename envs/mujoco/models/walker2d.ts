/** @file A torso on two legs. The dimensions and gains are those of Gymnasium's Walker2d-v5. */

import { colours, mjcf, motors } from "./mjcf.js";
import { leg, torso } from "./planar-leg.js";

const foot = { heel: 0, toe: 0.2, frame: 0.2, contact: `friction="1.9 0.1 0.1"` };

export const walker2dModel = mjcf({
  name: "walker2d",
  option: `timestep="0.002" integrator="RK4"`,
  // Geoms collide with the floor but not with each other.
  defaults: `
    <joint damping="0.1" armature="0.01"/>
    <geom conaffinity="0" friction="0.9 0.1 0.1"/>
    <motor ctrlrange="-1 1"/>`,
  world: `
    <geom name="floor" type="plane" size="40 40 40" conaffinity="1" friction="0.7 0.1 0.1"
      rgba="${colours.ground}"/>
    ${torso(leg({ foot, colour: colours.near }) + leg({ side: "_left", foot, colour: colours.far }), colours.body)}`,
  actuators: motors({
    thigh_joint: 100,
    leg_joint: 100,
    foot_joint: 100,
    thigh_left_joint: 100,
    leg_left_joint: 100,
    foot_left_joint: 100,
  }),
});
