/**
 * @file CartPole-v1: balance a pole on a cart by pushing the cart left or right. The equations are those of
 * [Barto, Sutton & Anderson 1983] as corrected in [Florian 2007, eq. 23 and 24, without friction]. Constants, Euler
 * step and limits are those of Gymnasium's CartPole-v1.
 */

import * as z from "zod";
import { resolveOptions } from "../../src/config/options.js";
import { environmentOf } from "../../src/env/array-environments.js";
import type { Environment } from "../../src/env/contracts.js";
import { copyRows, type Dynamics } from "../../src/env/dynamics.js";
import { box, discrete } from "../../src/spaces/index.js";
import type { ActionBatch } from "../../src/spaces/values.js";
import { stepLimit } from "../options.js";
import { COLOUR, disc, line, picture, short } from "./picture.js";
import { cosNear0, sinNear0 } from "./small-angle.js";
import { START_OPTIONS, startBounds, startState, uniformBetween } from "./start-state.js";

const ID = "CartPole-v1";
/** Acceleration of gravity (m/s²). */
const GRAVITY = 9.8;
/** Masses (kg). */
const POLE_MASS = 0.1;
const TOTAL_MASS = 1 + POLE_MASS;
/** Half of the length of the pole (m). */
const HALF_LENGTH = 0.5;
const POLE_MASS_LENGTH = POLE_MASS * HALF_LENGTH;
/** Force of a push (N). */
const FORCE = 10;
/** Time step (s). */
const DT = 0.02;
/** Largest distance of the cart from the middle of the track (m); beyond it the episode ends. */
const MAX_POSITION = 2.4;
/** Largest angle of the pole from upright (rad); beyond it the episode ends. */
const MAX_ANGLE = (12 * 2 * Math.PI) / 360;
/** Bounds of the uniform start distribution, for each of the four state variables. */
const START = { low: -0.05, high: 0.05 };

const STATE = ["position", "velocity", "angle", "angular velocity"];

export const cartPoleOptions = z.strictObject({
  suttonBartoReward: z
    .boolean()
    .default(false)
    .describe("reward 0 per step and −1 when the pole falls, as in Sutton and Barto, instead of 1 per step"),
  maxEpisodeSteps: stepLimit(500),
});

/** Dynamics of `copies` carts. State `[copies, 4]`: position (m), velocity (m/s), angle (rad), angular velocity. */
function cartPoleDynamics(copies: number, suttonBartoReward: boolean): Dynamics {
  const state = { carts: new Float64Array(4 * copies) };
  return {
    state,

    reset(i, rng, options) {
      const start = startState(ID, options.state, STATE);
      const bounds = startBounds(ID, options, START);
      for (let j = 0; j < 4; j++) state.carts[4 * i + j] = start ? start[j] : uniformBetween(bounds, rng);
    },

    step(actions, _rngs, rewards, terminated) {
      advance(state.carts, actions, suttonBartoReward, rewards, terminated);
    },

    observe(from, to, out) {
      copyRows(state.carts, 4, from, to, out);
    },

    render: (i) => cartText(state.carts[4 * i], state.carts[4 * i + 2]),
    renderSvg: (i) => cartPicture(state.carts[4 * i], state.carts[4 * i + 2]),
  };
}

/**
 * One Euler step of all carts `[N, 4]`. A function of the module and not of each vector, so that the compiler knows the
 * constants; nothing depends on an action or a fall by a branch, which a processor could not predict.
 */
function advance(
  carts: Float64Array,
  actions: ActionBatch,
  suttonBartoReward: boolean,
  rewards: Float64Array,
  terminated: Uint8Array,
): void {
  const stepReward = suttonBartoReward ? 0 : 1;
  const fallBonus = suttonBartoReward ? -1 : 0;
  for (let i = 0, at = 0; i < actions.length; i++, at += 4) {
    const velocity = carts[at + 1];
    const angle = carts[at + 2];
    const angularVelocity = carts[at + 3];
    const force = (2 * actions[i] - 1) * FORCE;
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
    const fallen = Number(Math.abs(newPosition) > MAX_POSITION) | Number(Math.abs(newAngle) > MAX_ANGLE);
    rewards[i] = stepReward + fallBonus * fallen;
    terminated[i] = fallen;
  }
}

/** Text picture: the pole, the track with the cart, and a line with position and angle. */
function cartText(position: number, angle: number): string {
  const cells = 33;
  const at = Math.round(((position + MAX_POSITION) / (2 * MAX_POSITION)) * (cells - 1));
  const track = Array.from({ length: cells }, (_, cell) => (cell === at ? "□" : "─")).join("");
  const pole = Math.abs(angle) < 0.02 ? "│" : angle < 0 ? "╲" : "╱";
  const degrees = short((angle * 180) / Math.PI);
  return `${`${" ".repeat(Math.max(0, Math.min(cells - 1, at)))}${pole}`}\n${track}\nposition ${short(position)} m, angle ${degrees}°`;
}

function cartPicture(position: number, angle: number): string {
  const scale = 100;
  const ground = 190;
  const x = 300 + scale * position;
  const axle: [number, number] = [x, ground - 30];
  const tip: [number, number] = [
    x + 2 * HALF_LENGTH * scale * Math.sin(angle),
    axle[1] - 2 * HALF_LENGTH * scale * Math.cos(angle),
  ];
  const ends = [-MAX_POSITION, MAX_POSITION].map((end) => 300 + scale * end);
  return picture(600, 220, [
    line([0, ground], [600, ground], COLOUR.line, 2),
    ...ends.map((end) => line([end, ground - 12], [end, ground + 12], COLOUR.line, 2)),
    `<rect x="${short(x - 30)}" y="${ground - 30}" width="60" height="24" rx="4" fill="${COLOUR.body}"/>`,
    disc([x - 18, ground - 5], 5, COLOUR.line),
    disc([x + 18, ground - 5], 5, COLOUR.line),
    line(axle, tip, COLOUR.link, 8),
    disc(axle, 4, COLOUR.page),
  ]);
}

/**
 * The cart and pole. Actions: 0 pushes left, 1 pushes right. Observations: position (m), velocity (m/s), angle (rad),
 * angular velocity (rad/s). Reward 1 per step. `reset({ options: { state } })` starts from these four numbers;
 * `reset({ options: { low, high } })` draws each of the four uniformly between `low` and `high`.
 *
 * @throws {UsageError} for options that are not valid.
 */
export function cartPole(options: z.input<typeof cartPoleOptions> = {}): Environment<Float32Array> {
  const { suttonBartoReward, maxEpisodeSteps } = resolveOptions(ID, cartPoleOptions, options);
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
    resetOptions: START_OPTIONS,
    dynamics: (copies) => cartPoleDynamics(copies, suttonBartoReward),
  });
}
