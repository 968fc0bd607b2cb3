/** @file The cheetah: a trunk with a hind leg and a front leg. Dimensions and gains are those of HalfCheetah-v5. */

import { colours, mjcf, motors, planarRoot } from "./mjcf.js";

/** Radius of all capsules (m). */
const RADIUS = 0.046;

interface Segment {
  name: string;
  /** Position of the joint in the frame of the previous segment (m). */
  at: string;
  /** The capsule: centre (m), angle about y (rad), half of the length (m). */
  centre: string;
  angle: number;
  halfLength: number;
  /** The joint: range (rad), stiffness (N·m/rad), damping (N·m·s/rad). */
  range: string;
  stiffness: number;
  damping: number;
}

const capsule = (name: string, centre: string, angle: number, halfLength: number, colour: string) =>
  `<geom name="${name}" type="capsule" pos="${centre}" axisangle="0 1 0 ${angle}" size="${RADIUS} ${halfLength}"
    rgba="${colour}"/>`;

/** A chain of segments, each a child of the previous one. */
function limb([segment, ...rest]: readonly Segment[], colour: string): string {
  if (!segment) return "";
  const { name, at, centre, angle, halfLength, range, stiffness, damping } = segment;
  return `
    <body name="${name}" pos="${at}">
      <joint name="${name}" type="hinge" axis="0 1 0" range="${range}" stiffness="${stiffness}" damping="${damping}"/>
      ${capsule(name, centre, angle, halfLength, colour)}
      ${limb(rest, colour)}
    </body>`;
}

const hindLeg = limb(
  [
    {
      name: "bthigh",
      at: "-0.5 0 0",
      centre: "0.1 0 -0.13",
      angle: -3.8,
      halfLength: 0.145,
      range: "-0.52 1.05",
      stiffness: 240,
      damping: 6,
    },
    {
      name: "bshin",
      at: "0.16 0 -0.25",
      centre: "-0.14 0 -0.07",
      angle: -2.03,
      halfLength: 0.15,
      range: "-0.785 0.785",
      stiffness: 180,
      damping: 4.5,
    },
    {
      name: "bfoot",
      at: "-0.28 0 -0.14",
      centre: "0.03 0 -0.097",
      angle: -0.27,
      halfLength: 0.094,
      range: "-0.4 0.785",
      stiffness: 120,
      damping: 3,
    },
  ],
  colours.near,
);

const frontLeg = limb(
  [
    {
      name: "fthigh",
      at: "0.5 0 0",
      centre: "-0.07 0 -0.12",
      angle: 0.52,
      halfLength: 0.133,
      range: "-1 0.7",
      stiffness: 180,
      damping: 4.5,
    },
    {
      name: "fshin",
      at: "-0.14 0 -0.24",
      centre: "0.065 0 -0.09",
      angle: -0.6,
      halfLength: 0.106,
      range: "-1.2 0.87",
      stiffness: 120,
      damping: 3,
    },
    {
      name: "ffoot",
      at: "0.13 0 -0.18",
      centre: "0.045 0 -0.07",
      angle: -0.6,
      halfLength: 0.07,
      range: "-0.5 0.5",
      stiffness: 60,
      damping: 1.5,
    },
  ],
  colours.far,
);

export const halfCheetahModel = mjcf({
  name: "half cheetah",
  option: `timestep="0.01" integrator="Euler"`,
  compiler: `settotalmass="14"`,
  // Geoms collide with the floor but not with each other.
  defaults: `
    <joint armature="0.1" solimplimit="0 0.8 0.03"/>
    <geom conaffinity="0" friction="0.4 0.1 0.1" solimp="0 0.8 0.01"/>
    <motor ctrlrange="-1 1"/>`,
  world: `
    <geom name="floor" type="plane" size="40 40 40" conaffinity="1" rgba="${colours.ground}"/>
    <body name="torso" pos="0 0 0.7">
      ${planarRoot(0)}
      <geom name="torso" type="capsule" fromto="-0.5 0 0 0.5 0 0" size="${RADIUS}" rgba="${colours.body}"/>
      ${capsule("head", "0.6 0 0.1", 0.87, 0.15, colours.body)}
      ${hindLeg}
      ${frontLeg}
    </body>`,
  actuators: motors({ bthigh: 120, bshin: 90, bfoot: 60, fthigh: 120, fshin: 60, ffoot: 30 }),
});
