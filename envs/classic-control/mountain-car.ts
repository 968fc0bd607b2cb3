/**
 * @file MountainCar-v0 and MountainCarContinuous-v0: the engine is too weak for the hill, so the car must first drive
 * back to gain speed. The task is that of [Moore 1990], with the equations of [Sutton & Barto 2018, example 10.1].
 * Constants, limits and rewards are those of Gymnasium 1.3, and so is the arithmetic: the discrete car uses float64, the
 * continuous one float32 from its second step on.
 */

import * as z from "zod";
import { resolveOptions } from "../../src/config/options.js";
import { environmentOf } from "../../src/env/array-environments.js";
import type { Environment } from "../../src/env/contracts.js";
import { copyRows, type Dynamics, type DynamicsSpec } from "../../src/env/dynamics.js";
import { box, discrete } from "../../src/spaces/index.js";
import { stepLimit } from "../options.js";
import { carPicture, carText } from "./mountain-car-picture.js";
import { START_OPTIONS, startBounds, startState, uniformBetween } from "./start-state.js";

const ID = "MountainCar-v0";
const CONTINUOUS_ID = "MountainCarContinuous-v0";
/** The hill is sin 3x between these positions; a wall stands at the left end. */
const MIN_POSITION = -1.2;
const MAX_POSITION = 0.6;
const MAX_SPEED = 0.07;
/** Largest change of velocity per step by the slope. */
const GRAVITY = 0.0025;
/** Change of velocity per step by the engine at full force. */
const FORCE = 0.001;
const CONTINUOUS_FORCE = 0.0015;
const GOAL = 0.5;
const CONTINUOUS_GOAL = 0.45;
/** The car starts at rest, at a position uniform between these bounds. */
const START = { low: -0.6, high: -0.4 };
const STATE = ["position", "velocity"];

const { fround } = Math;

export const mountainCarOptions = z.strictObject({
  goalVelocity: z
    .number()
    .default(0)
    .describe("smallest velocity at the goal that ends the episode (position units per step)"),
  maxEpisodeSteps: stepLimit(200),
});

export const mountainCarContinuousOptions = mountainCarOptions.extend({
  maxEpisodeSteps: stepLimit(999),
});

/** Dynamics of `copies` cars with discrete actions. State `[copies, 2]` in float64: position and velocity. */
function carDynamics(copies: number, goalVelocity: number): Dynamics {
  const state = { cars: new Float64Array(2 * copies) };
  return {
    state,

    reset(i, rng, options) {
      const start = startState(ID, options.state, STATE);
      const bounds = startBounds(ID, options, START);
      state.cars[2 * i] = start ? start[0] : uniformBetween(bounds, rng);
      state.cars[2 * i + 1] = start ? start[1] : 0;
    },

    step(actions, _rngs, rewards, terminated) {
      const { cars } = state;
      for (let i = 0, at = 0; i < actions.length; i++, at += 2) {
        const change = (actions[i] - 1) * FORCE - Math.cos(3 * cars[at]) * GRAVITY;
        let velocity = Math.max(-MAX_SPEED, Math.min(MAX_SPEED, cars[at + 1] + change));
        const position = Math.max(MIN_POSITION, Math.min(MAX_POSITION, cars[at] + velocity));
        if (position === MIN_POSITION && velocity < 0) velocity = 0;
        cars[at] = position;
        cars[at + 1] = velocity;
        rewards[i] = -1;
        terminated[i] = position >= GOAL && velocity >= goalVelocity ? 1 : 0;
      }
    },

    observe(from, to, out) {
      copyRows(state.cars, 2, from, to, out);
    },

    render: (i) => carText(state.cars[2 * i], state.cars[2 * i + 1], GOAL),
    renderSvg: (i) => carPicture(state.cars[2 * i], GOAL),
  };
}

/** The constants in float32, for the continuous car. */
const MIN_32 = fround(MIN_POSITION);
const MAX_32 = fround(MAX_POSITION);
const SPEED_32 = fround(MAX_SPEED);
const FORCE_32 = fround(CONTINUOUS_FORCE);
const GOAL_32 = fround(CONTINUOUS_GOAL);

/**
 * Dynamics of `copies` cars with continuous actions. State: position and velocity, `[copies, 2]`, and `fresh` `[copies]`,
 * which is 1 before the first step of an episode, while Gymnasium still computes in float64.
 */
function continuousCarDynamics(copies: number, goalVelocity: number): Dynamics {
  const state = { cars: new Float64Array(2 * copies), fresh: new Uint8Array(copies) };
  const goalVelocity32 = fround(goalVelocity);

  /** The first step of car i, in float64 as in Gymnasium; the result is stored in float32. Returns 1 at the goal. */
  function firstStep(i: number, action: number): number {
    const { cars, fresh } = state;
    const slope = GRAVITY * Math.cos(3 * cars[2 * i]);
    let velocity = cars[2 * i + 1] + engine(action, slope);
    velocity = Math.max(-MAX_SPEED, Math.min(MAX_SPEED, velocity));
    const position = Math.max(MIN_POSITION, Math.min(MAX_POSITION, cars[2 * i] + velocity));
    if (position === MIN_POSITION && velocity < 0) velocity = 0;
    cars[2 * i] = fround(position);
    cars[2 * i + 1] = fround(velocity);
    fresh[i] = 0;
    return position >= CONTINUOUS_GOAL && velocity >= goalVelocity ? 1 : 0;
  }

  return {
    state,

    reset(i, rng, options) {
      const start = startState(CONTINUOUS_ID, options.state, STATE);
      const bounds = startBounds(CONTINUOUS_ID, options, START);
      state.cars[2 * i] = start ? start[0] : uniformBetween(bounds, rng);
      state.cars[2 * i + 1] = start ? start[1] : 0;
      state.fresh[i] = 1;
    },

    step(actions, _rngs, rewards, terminated) {
      const { cars, fresh } = state;
      for (let i = 0, at = 0; i < actions.length; i++, at += 2) {
        const action = actions[i];
        let reached: number;
        if (fresh[i]) reached = firstStep(i, action);
        else {
          const change = fround(engine(action, GRAVITY * Math.cos(fround(3 * cars[at]))));
          let velocity = Math.max(-SPEED_32, Math.min(SPEED_32, fround(cars[at + 1] + change)));
          const position = Math.max(MIN_32, Math.min(MAX_32, fround(cars[at] + velocity)));
          if (position === MIN_32 && velocity < 0) velocity = 0;
          cars[at] = position;
          cars[at + 1] = velocity;
          reached = position >= GOAL_32 && velocity >= goalVelocity32 ? 1 : 0;
        }
        // The cost is that of the requested action, even if the engine clips it.
        rewards[i] = (reached ? 100 : 0) - action * action * 0.1;
        terminated[i] = reached;
      }
    },

    observe(from, to, out) {
      copyRows(state.cars, 2, from, to, out);
    },

    render: (i) => carText(state.cars[2 * i], state.cars[2 * i + 1], CONTINUOUS_GOAL),
    renderSvg: (i) => carPicture(state.cars[2 * i], CONTINUOUS_GOAL),
  };
}

/** Change of velocity by engine and slope. As in Gymnasium: float32 for actions in [−1, 1], float64 for clipped ones. */
function engine(action: number, slope: number): number {
  if (action > 1) return CONTINUOUS_FORCE - slope;
  if (action < -1) return -CONTINUOUS_FORCE - slope;
  return fround(fround(action * FORCE_32) - fround(slope));
}

/**
 * The mountain car. Actions: 0 drives left, 1 coasts, 2 drives right. Observations: position and velocity. Reward −1 per
 * step until the car reaches the flag at 0.5. `reset({ options: { state } })` starts from [position, velocity];
 * `reset({ options: { low, high } })` starts at rest at a position uniform between `low` and `high`.
 *
 * @throws {UsageError} for options that are not valid.
 */
export function mountainCar(options: z.input<typeof mountainCarOptions> = {}): Environment<Float32Array> {
  const { goalVelocity, maxEpisodeSteps } = resolveOptions(ID, mountainCarOptions, options);
  return environmentOf({
    ...common(ID, maxEpisodeSteps),
    actionSpace: discrete(3),
    dynamics: (copies) => carDynamics(copies, goalVelocity),
  });
}

/**
 * The mountain car with a continuous action: a force, clipped to ±1. Reward −0.1·action² per step, plus 100 for the step
 * that reaches the flag at 0.45. `reset` takes the options of {@link mountainCar}.
 *
 * @throws {UsageError} for options that are not valid.
 */
export function mountainCarContinuous(
  options: z.input<typeof mountainCarContinuousOptions> = {},
): Environment<Float32Array> {
  const resolved = resolveOptions(CONTINUOUS_ID, mountainCarContinuousOptions, options);
  return environmentOf({
    ...common(CONTINUOUS_ID, resolved.maxEpisodeSteps),
    actionSpace: box([1], -1, 1),
    dynamics: (copies) => continuousCarDynamics(copies, resolved.goalVelocity),
  });
}

const common = (
  id: string,
  maxEpisodeSteps: number,
): Pick<DynamicsSpec, "id" | "observationSpace" | "maxEpisodeSteps" | "resetOptions"> => ({
  id,
  observationSpace: box([2], [MIN_POSITION, -MAX_SPEED], [MAX_POSITION, MAX_SPEED]),
  maxEpisodeSteps,
  resetOptions: START_OPTIONS,
});
