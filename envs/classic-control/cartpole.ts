/**
 * @file CartPole-v1: balance a pole on a cart by pushing it left or right. The equations of Barto, Sutton & Anderson
 * (1983) as corrected by Florian (2007, "Correct equations for the dynamics of the cart-pole system", eq. 23 and 24
 * without friction), with the constants, Euler step and limits of Gymnasium's CartPole-v1.
 */

import { z } from "zod";
import { count, resolveOptions } from "../../src/config/options.js";
import type { Environment } from "../../src/rollout/contracts.js";
import { copyRows, type Dynamics } from "../../src/rollout/dynamics.js";
import { environmentOf } from "../../src/rollout/native.js";
import { box, discrete } from "../../src/spaces/index.js";
import { cosNear0, sinNear0 } from "./small-angle.js";
import { startState } from "./start-state.js";

const ID = "CartPole-v1";
/** m/s². */
const GRAVITY = 9.8;
/** kg. */
const POLE_MASS = 0.1;
const TOTAL_MASS = 1 + POLE_MASS;
/** m; half of the pole. */
const HALF_LENGTH = 0.5;
const POLE_MASS_LENGTH = POLE_MASS * HALF_LENGTH;
/** N. */
const FORCE = 10;
/** s. */
const DT = 0.02;
/** m; beyond it the cart has left the track. */
const MAX_POSITION = 2.4;
/** rad; beyond it the pole has fallen. */
const MAX_ANGLE = (12 * 2 * Math.PI) / 360;
/** Each of the four numbers starts uniform between −START and START. */
const START = 0.05;

const STATE = ["position", "velocity", "angle", "angular velocity"];

export const cartPoleOptions = z.strictObject({
  /** Steps after which an episode is truncated. */
  maxEpisodeSteps: count().default(500),
});

/** N carts: position (m), velocity (m/s), angle (rad) and angular velocity (rad/s) of each, in float64. */
function cartPoleDynamics(copies: number): Dynamics {
  const state = { carts: new Float64Array(4 * copies) };
  return {
    state,

    reset(i, rng, options) {
      const given = startState(ID, options.state, STATE);
      for (let j = 0; j < 4; j++) state.carts[4 * i + j] = given ? given[j] : START * (2 * rng.uniform() - 1);
    },

    step(actions, _rngs, rewards, terminated) {
      const { carts } = state;
      for (let i = 0, at = 0; i < actions.length; i++, at += 4) {
        const velocity = carts[at + 1];
        const angle = carts[at + 2];
        const angularVelocity = carts[at + 3];
        const force = actions[i] === 1 ? FORCE : -FORCE;
        const cos = cosNear0(angle);
        const sin = sinNear0(angle);
        const push = (force + POLE_MASS_LENGTH * (angularVelocity * angularVelocity) * sin) / TOTAL_MASS;
        const angularAcceleration =
          (GRAVITY * sin - cos * push) / (HALF_LENGTH * (4 / 3 - (POLE_MASS * (cos * cos)) / TOTAL_MASS));
        const acceleration = push - (POLE_MASS_LENGTH * angularAcceleration * cos) / TOTAL_MASS;
        const newPosition = carts[at] + DT * velocity;
        const newAngle = angle + DT * angularVelocity;
        carts[at] = newPosition;
        carts[at + 1] = velocity + DT * acceleration;
        carts[at + 2] = newAngle;
        carts[at + 3] = angularVelocity + DT * angularAcceleration;
        rewards[i] = 1;
        terminated[i] = Math.abs(newPosition) > MAX_POSITION || Math.abs(newAngle) > MAX_ANGLE ? 1 : 0;
      }
    },

    observe(from, to, out) {
      copyRows(state.carts, 4, from, to, out);
    },
  };
}

/**
 * One cart and pole. Actions: 0 pushes left, 1 right. Reward 1 a step. `reset({ options: { state } })` starts from
 * [position, velocity, angle, angular velocity].
 */
export function cartPole(options: z.input<typeof cartPoleOptions> = {}): Environment {
  const { maxEpisodeSteps } = resolveOptions(ID, cartPoleOptions, options);
  const bounds = [2 * MAX_POSITION, Infinity, 2 * MAX_ANGLE, Infinity];
  return environmentOf({
    id: ID,
    observationSpace: box(
      [4],
      bounds.map((bound) => -bound),
      bounds,
    ),
    actionSpace: discrete(2),
    maxEpisodeSteps,
    resetOptions: ["state"],
    dynamics: cartPoleDynamics,
  });
}
