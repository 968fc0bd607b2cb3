/**
 * @file The ant: a ball with four legs of three capsules each [Schulman et al. 2016]. The dimensions, masses and gains
 * are those of the compiled model of Ant-v5 in Gymnasium 1.3.0.
 */

import { colours, mjcf, motors, radians } from "./mjcf.js";

/** Half of a leg's reach in x and in y, per segment (m): the shin is twice as long. */
const SEGMENT = 0.2;

/** The legs, in the order of their joints: the signs of x and y, and the range of the ankle. */
const LEGS = [
  { body: "front_left_leg", number: 1, x: 1, y: 1, bend: [30, 70] },
  { body: "front_right_leg", number: 2, x: -1, y: 1, bend: [-70, -30] },
  { body: "back_leg", number: 3, x: -1, y: -1, bend: [-70, -30] },
  { body: "right_back_leg", number: 4, x: 1, y: -1, bend: [30, 70] },
];

/** A fixed hip, a thigh that swings about the vertical, and a shin that bends about the diagonal it stands on. */
function leg({ body, number, x, y, bend }: (typeof LEGS)[number]): string {
  const along = `${x * SEGMENT} ${y * SEGMENT} 0`;
  const capsule = (length: number) =>
    `<geom type="capsule" size="0.08" fromto="0 0 0 ${x * length} ${y * length} 0"/>`;
  return `
      <body name="${body}">
        ${capsule(SEGMENT)}
        <body name="aux_${number}" pos="${along}">
          <joint name="hip_${number}" axis="0 0 1" range="${radians(-30)} ${radians(30)}"/>
          ${capsule(SEGMENT)}
          <body pos="${along}">
            <joint name="ankle_${number}" axis="${-x * y} 1 0" range="${bend.map(radians).join(" ")}"/>
            ${capsule(2 * SEGMENT)}
          </body>
        </body>
      </body>`;
}

/** The MJCF document. Actions drive the hip and the ankle of the fourth, first, second and third leg. */
export const antModel = mjcf({
  name: "ant",
  option: `timestep="0.01" integrator="RK4"`,
  defaults: `
    <joint armature="1" damping="1"/>
    <geom contype="1" conaffinity="0" condim="3" density="5" friction="1 0.5 0.5" margin="0.01"
      rgba="${colours.body}"/>
    <motor ctrlrange="-1 1"/>`,
  world: `
    <geom name="floor" type="plane" size="40 40 40" conaffinity="1" rgba="${colours.ground}"/>
    <body name="torso" pos="0 0 0.75">
      <joint name="root" type="free" armature="0" damping="0" margin="0.01"/>
      <geom name="torso" type="sphere" size="0.25"/>${LEGS.map(leg).join("")}
    </body>`,
  actuators: motors(
    Object.fromEntries(
      [4, 1, 2, 3].flatMap((n) => [
        [`hip_${n}`, 150],
        [`ankle_${n}`, 150],
      ]),
    ),
  ),
});
