/**
 * @file Acrobot-v1: two links hang from a pivot, with a motor in the joint between them; the task is to swing the free
 * end above a bar. The equations are those of [Sutton & Barto 1998, §11.3], or with `dynamics: "nips"` those of
 * [Sutton 1996], which lack a term. Each step is one fourth-order Runge–Kutta step. Constants, limits and reward are
 * those of Acrobot-v1 in Gymnasium 1.3.
 */

import * as z from "zod";
import { nonNegative, resolveOptions } from "../../src/config/options.js";
import { environmentOf } from "../../src/env/array-environments.js";
import type { Environment } from "../../src/env/contracts.js";
import type { Dynamics } from "../../src/env/dynamics.js";
import { box, discrete } from "../../src/spaces/index.js";
import { stepLimit } from "../options.js";
import { acrobotPicture, acrobotText } from "./acrobot-picture.js";
import { START_OPTIONS, startBounds, startState, uniformBetween } from "./start-state.js";

const ID = "Acrobot-v1";
/** Mass of each link (kg). */
const MASS = 1;
/** Length of the upper link (m). */
const LENGTH = 1;
/** Distance from a link's joint to its centre of mass (m). */
const CENTRE = 0.5;
/** Moment of inertia of each link about its centre of mass (kg·m²). */
const INERTIA = 1;
/** Acceleration of gravity (m/s²). */
const GRAVITY = 9.8;
/** Time step (s). */
const DT = 0.2;
const HALF_DT = DT / 2;
const SIXTH_DT = DT / 6;
/** Largest angular velocity of each joint (rad/s). */
const MAX_SPEED = [4 * Math.PI, 9 * Math.PI];
/** Bounds of the uniform start distribution, for each of the four state variables. */
const START = { low: -0.1, high: 0.1 };
const STATE = ["angle 1", "angle 2", "angular velocity 1", "angular velocity 2"];

export const acrobotOptions = z.strictObject({
  dynamics: z
    .enum(["book", "nips"])
    .default("book")
    .describe("equations of motion: book: as in Sutton and Barto's book; nips: as printed in Sutton (1996)"),
  torqueNoise: nonNegative()
    .default(0)
    .describe("noise added to the torque of each step, uniform between minus and plus this value (N·m)"),
  maxEpisodeSteps: stepLimit(500),
});

/** Adds or subtracts whole turns until the angle is in [−π, π]. Angles in this range are returned unchanged. */
function wrap(angle: number): number {
  // The remainder is exact, and a start state may be any number of turns away.
  let wrapped = Math.abs(angle) > 100 ? angle % (2 * Math.PI) : angle;
  while (wrapped > Math.PI) wrapped -= 2 * Math.PI;
  while (wrapped < -Math.PI) wrapped += 2 * Math.PI;
  return wrapped;
}

const clip = (x: number, limit: number) => Math.min(Math.max(x, -limit), limit);

/** Angular accelerations of one copy (rad/s²), written by {@link accelerate}. */
interface Accelerations {
  first: number;
  second: number;
}

/** Writes the angular accelerations (rad/s²) of both joints under a torque (N·m) on the second joint. */
function accelerate(
  angle1: number,
  angle2: number,
  speed1: number,
  speed2: number,
  torque: number,
  coriolis: number,
  out: Accelerations,
): void {
  const cos2 = Math.cos(angle2);
  const sin2 = Math.sin(angle2);
  const d1 =
    MASS * CENTRE * CENTRE +
    MASS * (LENGTH * LENGTH + CENTRE * CENTRE + 2 * LENGTH * CENTRE * cos2) +
    INERTIA +
    INERTIA;
  const d2 = MASS * (CENTRE * CENTRE + LENGTH * CENTRE * cos2) + INERTIA;
  const phi2 = MASS * CENTRE * GRAVITY * Math.cos(angle1 + angle2 - Math.PI / 2);
  const phi1 =
    -MASS * LENGTH * CENTRE * (speed2 * speed2) * sin2 -
    2 * MASS * LENGTH * CENTRE * speed2 * speed1 * sin2 +
    (MASS * CENTRE + MASS * LENGTH) * GRAVITY * Math.cos(angle1 - Math.PI / 2) +
    phi2;
  const force = torque + (d2 / d1) * phi1 - coriolis * (speed1 * speed1) * sin2 - phi2;
  out.second = force / (MASS * CENTRE * CENTRE + INERTIA - (d2 * d2) / d1);
  out.first = -(d2 * out.second + phi1) / d1;
}

/**
 * Dynamics of `copies` acrobots. The state of each is two angles (rad; 0 is hanging down, the second is relative to the
 * first) and two angular velocities (rad/s).
 */
function acrobotDynamics(
  copies: number,
  { dynamics, torqueNoise }: z.output<typeof acrobotOptions>,
): Dynamics {
  /** `torques`: the torque of the last step (N·m), for pictures. */
  const state = { links: new Float64Array(4 * copies), torques: new Float64Array(copies) };
  const coriolis = dynamics === "book" ? MASS * LENGTH * CENTRE : 0;
  const slope: Accelerations = { first: 0, second: 0 };
  return {
    state,

    reset(i, rng, options) {
      const given = startState(ID, options.state, STATE);
      const bounds = startBounds(ID, options, START);
      for (let j = 0; j < 4; j++) {
        // Gymnasium rounds a random start to float32.
        state.links[4 * i + j] = given ? given[j] : Math.fround(uniformBetween(bounds, rng));
      }
      state.torques[i] = 0;
    },

    step(actions, rngs, rewards, terminated) {
      const { links, torques } = state;
      for (let i = 0, at = 0; i < actions.length; i++, at += 4) {
        let torque = actions[i] - 1;
        if (torqueNoise > 0) torque += torqueNoise * (2 * rngs[i].uniform() - 1);
        const angle1 = links[at];
        const angle2 = links[at + 1];
        // Velocities v and accelerations a of the two joints at the four stages of the Runge–Kutta step.
        const v1 = links[at + 2];
        const v2 = links[at + 3];
        accelerate(angle1, angle2, v1, v2, torque, coriolis, slope);
        const a1 = slope.first;
        const a2 = slope.second;
        const v1b = v1 + HALF_DT * a1;
        const v2b = v2 + HALF_DT * a2;
        accelerate(angle1 + HALF_DT * v1, angle2 + HALF_DT * v2, v1b, v2b, torque, coriolis, slope);
        const a1b = slope.first;
        const a2b = slope.second;
        const v1c = v1 + HALF_DT * a1b;
        const v2c = v2 + HALF_DT * a2b;
        accelerate(angle1 + HALF_DT * v1b, angle2 + HALF_DT * v2b, v1c, v2c, torque, coriolis, slope);
        const a1c = slope.first;
        const a2c = slope.second;
        const v1d = v1 + DT * a1c;
        const v2d = v2 + DT * a2c;
        accelerate(angle1 + DT * v1c, angle2 + DT * v2c, v1d, v2d, torque, coriolis, slope);
        const newAngle1 = wrap(angle1 + SIXTH_DT * (v1 + 2 * v1b + 2 * v1c + v1d));
        const newAngle2 = wrap(angle2 + SIXTH_DT * (v2 + 2 * v2b + 2 * v2c + v2d));
        links[at] = newAngle1;
        links[at + 1] = newAngle2;
        links[at + 2] = clip(v1 + SIXTH_DT * (a1 + 2 * a1b + 2 * a1c + slope.first), MAX_SPEED[0]);
        links[at + 3] = clip(v2 + SIXTH_DT * (a2 + 2 * a2b + 2 * a2c + slope.second), MAX_SPEED[1]);
        torques[i] = torque;
        // Height of the free end above the pivot, compared with the goal.
        const reached = -Math.cos(newAngle1) - Math.cos(newAngle2 + newAngle1) > 1;
        rewards[i] = reached ? 0 : -1;
        terminated[i] = reached ? 1 : 0;
      }
    },

    observe(from, to, out) {
      const { links } = state;
      for (let i = from; i < to; i++) {
        out[6 * i] = Math.cos(links[4 * i]);
        out[6 * i + 1] = Math.sin(links[4 * i]);
        out[6 * i + 2] = Math.cos(links[4 * i + 1]);
        out[6 * i + 3] = Math.sin(links[4 * i + 1]);
        out[6 * i + 4] = links[4 * i + 2];
        out[6 * i + 5] = links[4 * i + 3];
      }
    },

    render: (i) => acrobotText(state.links[4 * i], state.links[4 * i + 1]),
    renderSvg: (i) => acrobotPicture(state.links[4 * i], state.links[4 * i + 1], state.torques[i]),
  };
}

/**
 * The acrobot. Actions: torques of −1, 0 and 1 N·m on the joint between the links. Observations: cosine and sine of
 * both angles, then both angular velocities (rad/s). Reward −1 per step, but 0 for the step in which the free end rises
 * more than one link length above the pivot; that step ends the episode. `reset({ options: { state } })` starts from
 * [angle 1, angle 2, angular velocity 1, angular velocity 2]; `reset({ options: { low, high } })` draws each of the four
 * uniformly between `low` and `high`.
 *
 * @throws {UsageError} for options that are not valid.
 */
export function acrobot(options: z.input<typeof acrobotOptions> = {}): Environment<Float32Array> {
  const resolved = resolveOptions(ID, acrobotOptions, options);
  const bounds = [1, 1, 1, 1, ...MAX_SPEED];
  return environmentOf({
    id: ID,
    observationSpace: box(
      [6],
      bounds.map((bound) => -bound),
      bounds,
    ),
    actionSpace: discrete(3),
    maxEpisodeSteps: resolved.maxEpisodeSteps,
    resetOptions: START_OPTIONS,
    dynamics: (copies) => acrobotDynamics(copies, resolved),
  });
}
