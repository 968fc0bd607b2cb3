/**
 * @file A table with a gripper, a block, a drawer, a door and a button, for tasks in the manner of Meta-World
 * [Yu et al. 2019]. The scene is of boxes and written afresh. All props are in every model; an episode puts one of them
 * on the table and the others far away.
 *
 * The frame of each prop is below the point that its task moves: the middle of a handle, the top of the button. The
 * gripper's three slides are the coordinates of the point between its fingertips (m).
 */

import { colours, mjcf } from "./mjcf.js";

/** Bodies that an episode places, and the height of the point that its task moves above the body's frame (m). */
export const PROPS = { block: 0.02, drawer: 0.05, door: 0.05, button: 0.09 } as const;
export type Prop = keyof typeof PROPS;

/** Half the width of the block (m): at rest, its centre is at this height. */
const BLOCK = PROPS.block;
/** Distance of the door's handle from its hinge, along and away from the closed panel (m). */
export const DOOR: { along: number; away: number } = { along: 0.15, away: 0.05 };
/** Velocity of the hand (m/s) and of each finger for an action of 1. */
const HAND_SPEED = 0.5;
const FINGER_SPEED = 0.1;

const geom = (pos: string, size: string, rgba: string, more = "") =>
  `<geom type="box" pos="${pos}" size="${size}" rgba="${rgba}" ${more}/>`;

/** Gripper and props collide, and the block and the table; bits of `contype` and `conaffinity`. */
const HAND = 'contype="2" conaffinity="0"';
const PROP = 'contype="0" conaffinity="2"';

const slide = (name: string, axis: string, range: string, more = "") =>
  `<joint name="${name}" type="slide" axis="${axis}" range="${range}" solreflimit="0.008 1" ${more}/>`;

/** A finger, which moves away from the other one. */
const finger = (name: string, side: 1 | -1) => `
  <body name="${name}" gravcomp="1">
    ${slide(name, `${side} 0 0`, "0 0.04")}
    ${geom(`${0.008 * side} 0 0.01`, "0.008 0.012 0.025", colours.far, `${HAND} mass="0.05" friction="2 0.05 0.001"`)}
  </body>`;

/**
 * A velocity servo: its force is `gain` times the difference between the velocity for its control and the joint's.
 *
 * @param speed velocity for a control of 1 (m/s).
 */
const servo = (joint: string, speed: number, gain: number, limit: number) =>
  `<velocity name="${joint}" joint="${joint}" gear="${1 / speed}" kv="${gain * speed * speed}"
    ctrlrange="-1 1" forcerange="${-limit * speed} ${limit * speed}"/>`;

export const tabletopModel = mjcf({
  name: "tabletop",
  option: `timestep="0.004" integrator="implicitfast" cone="elliptic" impratio="5" iterations="30"`,
  defaults: `<geom condim="4" friction="1 0.02 0.001"/>`,
  world: `
    <geom name="table" type="plane" size="0.6 0.6 0.1" rgba="${colours.ground}" contype="1" conaffinity="0"/>
    <body name="hand" gravcomp="1">
      ${slide("hand_x", "1 0 0", "-0.3 0.3")}
      ${slide("hand_y", "0 1 0", "-0.3 0.3")}
      ${slide("hand_z", "0 0 1", "0.02 0.35")}
      ${geom("0 0 0.055", "0.07 0.02 0.015", colours.rail, `${HAND} mass="0.4"`)}
      <site name="hand"/>
      ${finger("finger_left", -1)}
      ${finger("finger_right", 1)}
    </body>
    <body name="block">
      <freejoint name="block"/>
      ${geom("0 0 0", `${BLOCK} ${BLOCK} ${BLOCK}`, colours.body, 'contype="0" conaffinity="3" mass="0.05"')}
      <site name="block"/>
    </body>
    <body name="drawer">
      ${geom("0 0.135 0.045", "0.1 0.07 0.045", colours.rail, PROP)}
      <body name="drawer_box">
        ${slide("drawer", "0 -1 0", "0 0.14", 'damping="4" frictionloss="0.5"')}
        ${geom("0 0 0.05", "0.075 0.006 0.008", colours.target, `${PROP} mass="0.1"`)}
        ${geom("-0.07 0.025 0.05", "0.005 0.02 0.006", colours.target, `${PROP} mass="0.02"`)}
        ${geom("0.07 0.025 0.05", "0.005 0.02 0.006", colours.target, `${PROP} mass="0.02"`)}
        ${geom("0 0.055 0.045", "0.1 0.006 0.04", colours.body, `${PROP} mass="0.3"`)}
        <site name="drawer" pos="0 0 ${PROPS.drawer}"/>
      </body>
    </body>
    <body name="door">
      ${geom(`${DOOR.along} ${DOOR.away} 0.05`, "0.012 0.012 0.05", colours.rail, PROP)}
      <body name="door_panel" pos="${DOOR.along} ${DOOR.away} 0">
        <joint name="door" type="hinge" axis="0 0 1" range="0 1.6" damping="0.05" frictionloss="0.02"/>
        ${geom(`${-DOOR.along / 2 - 0.02} 0 0.05`, "0.08 0.006 0.04", colours.body, `${PROP} mass="0.3"`)}
        ${geom(`${-DOOR.along} -0.025 0.02`, "0.006 0.02 0.006", colours.target, `${PROP} mass="0.02"`)}
        ${geom(`${-DOOR.along} ${-DOOR.away} 0.05`, "0.025 0.006 0.036", colours.target, `${PROP} mass="0.05"`)}
        <site name="door" pos="${-DOOR.along} ${-DOOR.away} ${PROPS.door}"/>
      </body>
    </body>
    <body name="button">
      ${geom("0 0 0.02", "0.035 0.035 0.02", colours.rail, PROP)}
      <body name="button_cap" gravcomp="1">
        ${slide("button", "0 0 -1", "0 0.035", 'stiffness="100" damping="2"')}
        ${geom("0 0 0.065", "0.02 0.02 0.025", colours.target, `${PROP} mass="0.02"`)}
        <site name="button" pos="0 0 ${PROPS.button}"/>
      </body>
    </body>
    <body name="goal">
      <geom type="sphere" size="0.012" rgba="0.1 0.6 0.25 0.6" contype="0" conaffinity="0"/>
    </body>`,
  actuators: [
    servo("hand_x", HAND_SPEED, 100, 20),
    servo("hand_y", HAND_SPEED, 100, 20),
    servo("hand_z", HAND_SPEED, 100, 20),
    servo("finger_left", FINGER_SPEED, 100, 10),
  ].join("\n"),
  more: `<equality><joint joint1="finger_right" joint2="finger_left"/></equality>`,
});
