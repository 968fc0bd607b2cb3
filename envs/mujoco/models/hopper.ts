/** @file A torso on one leg. The dimensions and gains are those of Gymnasium's Hopper-v5. */

import { colours, mjcf, motors } from "./mjcf.js";
import { leg, torso } from "./planar-leg.js";

export const hopperModel = mjcf({
  name: "hopper",
  option: `timestep="0.002" integrator="RK4"`,
  defaults: `
    <joint damping="1" armature="1"/>
    <geom condim="1" friction="0.9 0.005 0.0001" margin="0.001" solimp="0.8 0.8 0.01"/>
    <motor ctrlrange="-1 1"/>`,
  world: `
    <geom name="floor" type="plane" size="20 20 0.125" condim="3" friction="1 0.005 0.0001"
      rgba="${colours.ground}"/>
    ${torso(
      leg({
        foot: { heel: -0.13, toe: 0.26, frame: 0.13, contact: `friction="2 0.005 0.0001"` },
        colour: colours.near,
      }),
      colours.body,
    )}`,
  actuators: motors({ thigh_joint: 200, leg_joint: 200, foot_joint: 200 }),
});
