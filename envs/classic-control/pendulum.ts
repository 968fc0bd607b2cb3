/**
 * @file Pendulum-v1: swing a pendulum up with a weak motor and hold it there. The pendulum is a uniform rod on a pivot,
 * θ̈ = 3g/(2l)·sin θ + 3/(ml²)·u with θ = 0 upright, integrated by semi-implicit Euler steps. Constants, limits and
 * reward are those of Gymnasium's Pendulum-v1.
 */

import * as z from "zod";
import { resolveOptions } from "../../src/config/options.js";
import { environmentOf } from "../../src/env/array-environments.js";
import type { Environment } from "../../src/env/contracts.js";
import type { Dynamics } from "../../src/env/dynamics.js";
import { box } from "../../src/spaces/index.js";
import { stepLimit } from "../options.js";
import { COLOUR, disc, line, picture, short, torqueArrow } from "./picture.js";
import { startNumber, startState } from "./start-state.js";

const ID = "Pendulum-v1";
/** Mass of the rod (kg). */
const MASS = 1;
/** Length of the rod (m). */
const LENGTH = 1;
/** Time step (s). */
const DT = 0.05;
/** Largest angular velocity (rad/s). */
const MAX_SPEED = 8;
/** Largest torque (N·m). */
const MAX_TORQUE = 2;
/** The start angle is uniform on ±x_init rad, the start angular velocity uniform on ±y_init rad/s. */
const START = { x_init: Math.PI, y_init: 1 };
const STATE = ["angle", "angular velocity"];

export const pendulumOptions = z.strictObject({
  gravity: z.number().default(10).describe("acceleration of gravity (m/s²)"),
  maxEpisodeSteps: stepLimit(200),
});

const { fround } = Math;
const clip = (x: number, limit: number) => Math.max(-limit, Math.min(limit, x));

/** The equivalent angle in [−π, π). */
function normaliseAngle(angle: number): number {
  const turn = 2 * Math.PI;
  const rest = (angle + Math.PI) % turn;
  return (rest < 0 ? rest + turn : rest) - Math.PI;
}

/** Dynamics of `copies` pendulums. State `[copies, 2]` in float64: angle (rad) and angular velocity (rad/s). */
function pendulumDynamics(copies: number, gravity: number): Dynamics {
  const pull = (3 * gravity) / (2 * LENGTH);
  /** `torques`: the torque of the last step (N·m), for pictures. */
  const state = { pendulums: new Float64Array(2 * copies), torques: new Float32Array(copies) };
  return {
    state,

    reset(i, rng, options) {
      const { pendulums } = state;
      const given = startState(ID, options.state, STATE);
      const limits = [
        startNumber(ID, options, "x_init", START.x_init),
        startNumber(ID, options, "y_init", START.y_init),
      ];
      for (let j = 0; j < 2; j++) {
        pendulums[2 * i + j] = given ? given[j] : limits[j] * (2 * rng.uniform() - 1);
      }
      state.torques[i] = 0;
    },

    step(actions, _rngs, rewards, terminated) {
      const { pendulums, torques } = state;
      for (let i = 0, at = 0; i < actions.length; i++, at += 2) {
        const angle = pendulums[at];
        const velocity = pendulums[at + 1];
        // Actions are float32, and Gymnasium computes expressions of actions alone in float32.
        const torque = clip(actions[i], MAX_TORQUE);
        const offUpright = normaliseAngle(angle);
        const acceleration = pull * Math.sin(angle) + fround((3 / (MASS * LENGTH * LENGTH)) * torque);
        const newVelocity = clip(velocity + acceleration * DT, MAX_SPEED);
        pendulums[at] = angle + newVelocity * DT;
        pendulums[at + 1] = newVelocity;
        // The reward depends on the state before the step.
        rewards[i] = -(
          offUpright * offUpright +
          0.1 * (velocity * velocity) +
          fround(0.001 * fround(torque * torque))
        );
        terminated[i] = 0;
        torques[i] = torque;
      }
    },

    observe(from, to, out) {
      const { pendulums } = state;
      for (let i = from; i < to; i++) {
        out[3 * i] = Math.cos(pendulums[2 * i]);
        out[3 * i + 1] = Math.sin(pendulums[2 * i]);
        out[3 * i + 2] = pendulums[2 * i + 1];
      }
    },

    render: (i) => rodText(state.pendulums[2 * i], state.pendulums[2 * i + 1]),
    renderSvg: (i) => rodPicture(state.pendulums[2 * i], state.torques[i]),
  };
}

/** One line of text: the direction of the rod (one of eight), its angle and angular velocity. */
function rodText(angle: number, velocity: number): string {
  // Angles grow anticlockwise from upright.
  const eighth = (Math.round((normaliseAngle(angle) / Math.PI) * 4) + 8) % 8;
  const degrees = short((normaliseAngle(angle) * 180) / Math.PI);
  return `${"↑↖←↙↓↘→↗"[eighth]} angle ${degrees}°, angular velocity ${short(velocity)} rad/s`;
}

function rodPicture(angle: number, torque: number): string {
  const centre: [number, number] = [150, 150];
  const tip: [number, number] = [150 - 110 * Math.sin(angle), 150 - 110 * Math.cos(angle)];
  return picture(300, 300, [
    `<circle cx="150" cy="150" r="110" fill="none" stroke="${COLOUR.faint}" stroke-width="1.5"/>`,
    line([150, 36], [150, 44], COLOUR.goal, 4),
    line(centre, tip, COLOUR.link, 20),
    disc(centre, 6, COLOUR.line),
    torqueArrow(centre, 36, torque / MAX_TORQUE),
  ]);
}

/**
 * The pendulum. Action: the torque u (N·m), clipped to ±2. Observations: cos θ, sin θ and θ̇ (rad/s). Reward
 * −(θ² + 0.1·θ̇² + 0.001·u²). `reset({ options: { state } })` starts from [angle, angular velocity];
 * `reset({ options: { x_init, y_init } })` draws the angle uniformly on ±x_init and the angular velocity on ±y_init.
 *
 * @throws {UsageError} for options that are not valid.
 */
export function pendulum(options: z.input<typeof pendulumOptions> = {}): Environment<Float32Array> {
  const { gravity, maxEpisodeSteps } = resolveOptions(ID, pendulumOptions, options);
  return environmentOf({
    id: ID,
    observationSpace: box([3], [-1, -1, -MAX_SPEED], [1, 1, MAX_SPEED]),
    actionSpace: box([1], -MAX_TORQUE, MAX_TORQUE),
    maxEpisodeSteps,
    resetOptions: ["state", "x_init", "y_init"],
    dynamics: (copies) => pendulumDynamics(copies, gravity),
  });
}
