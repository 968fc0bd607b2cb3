/** @file The torso and the leg that Hopper and Walker2d share: a chain of capsules. */

import { planarRoot, radians } from "./mjcf.js";

/** Height of the centre of the torso (m). */
const HEIGHT = 1.25;

export interface Leg {
  /** Suffix of the names of the parts. */
  side?: string;
  /** Positions of heel, toe and frame of the foot along x from the ankle (m), and attributes of its geom. */
  foot: { heel: number; toe: number; frame: number; contact: string };
  colour: string;
}

/** A joint that bends backwards, `low` to `high` degrees. */
const bend = (name: string, at: string, low: number, high: number) =>
  `<joint name="${name}_joint" type="hinge" axis="0 -1 0" pos="${at}" range="${radians(low)} ${radians(high)}"/>`;

/** Thigh (0.45 m), leg (0.5 m) and foot. The frame of a foot is 0.1 m below its axis. */
export function leg({ side = "", foot: { heel, toe, frame, contact }, colour }: Leg): string {
  const [thigh, shin, foot] = [`thigh${side}`, `leg${side}`, `foot${side}`];
  return `
    <body name="${thigh}" pos="0 0 -0.2">
      ${bend(thigh, "0 0 0", -150, 0)}
      <geom name="${thigh}_geom" type="capsule" fromto="0 0 0 0 0 -0.45" size="0.05" rgba="${colour}"/>
      <body name="${shin}" pos="0 0 -0.7">
        ${bend(shin, "0 0 0.25", -150, 0)}
        <geom name="${shin}_geom" type="capsule" fromto="0 0 0.25 0 0 -0.25" size="0.04" rgba="${colour}"/>
        <body name="${foot}" pos="${frame} 0 -0.35">
          ${bend(foot, `${-frame} 0 0.1`, -45, 45)}
          <geom name="${foot}_geom" type="capsule" fromto="${heel - frame} 0 0.1 ${toe - frame} 0 0.1"
            size="0.06" ${contact} rgba="${colour}"/>
        </body>
      </body>
    </body>`;
}

/** A torso of 0.4 m with `legs` that moves in the x–z plane. */
export const torso = (legs: string, colour: string): string => `
  <body name="torso" pos="0 0 ${HEIGHT}">
    ${planarRoot(HEIGHT)}
    <geom name="torso_geom" type="capsule" fromto="0 0 0.2 0 0 -0.2" size="0.05" rgba="${colour}"/>
    ${legs}
  </body>`;
