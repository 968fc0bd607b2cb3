/**
 * @file LaneKeeping-v0: a car on a winding road. Demonstrations of an expert without errors contain no recoveries.
 *
 * The expert follows the curvature of the road and stays exactly on the centre line. All its demonstrations have offset 0
 * and heading 0: they show how to steer in a bend, but not how to return to the centre line. The small steering errors of
 * a cloned policy add up in its heading, heading errors add up in its offset, and the car leaves the road. This is the
 * setting of [Pomerleau 1989, §3], where pictures of a car off the centre line are added artificially.
 *
 * The car is the kinematic model in road coordinates [Rajamani 2012, §2.2 and §2.5]: s is the position along the centre
 * line, y the offset to its left, ψ the heading relative to it, and κ(s) the curvature of the road;
 *
 *     ṡ = v cos ψ / (1 − κ y),   ẏ = v sin ψ,   ψ̇ = v K a − κ ṡ,
 *
 * where a in [−1, 1] is the steering and K the curvature at full lock.
 */

import * as z from "zod";
import { nonNegative, positive, resolveOptions } from "../../src/config/options.js";
import { environmentOf } from "../../src/env/array-environments.js";
import type { Environment } from "../../src/env/contracts.js";
import { copyRows, type Dynamics } from "../../src/env/dynamics.js";
import { UsageError } from "../../src/errors.js";
import { box } from "../../src/spaces/index.js";
import { stepLimit } from "../options.js";
import { roadPicture } from "./picture.js";

const ID = "LaneKeeping-v0";

export const laneKeepingOptions = z.strictObject({
  halfWidth: positive()
    .max(4)
    .default(2)
    .describe("distance from the centre line to the edge of the road (m)"),
  gust: nonNegative()
    .default(0)
    .describe(
      "standard deviation of a random sideways displacement at each step (m); it makes demonstrations contain recoveries",
    ),
  maxEpisodeSteps: stepLimit(200),
});

/** Speed v (m/s). */
const SPEED = 10;
/** Time step (s). */
const STEP = 0.1;
/** K, the curvature of the car's path at full steering (1/m). */
export const FULL_LOCK = 0.1;
/** The curvature of the road is a sum of sine waves with these wavelengths (m). */
const WAVES = [90, 55, 34];
/** Amplitudes of these waves (1/m); their sum is below `FULL_LOCK`, so the car can follow every bend. */
const BENDS = [0.03, 0.02, 0.01];
/** Distances ahead at which the curvature is observed (m). */
export const AHEAD = [0, 5, 10, 15];

/** Curvature κ(s) of road `i` (1/m); `roads` `[copies, waves]` holds the phases of the waves. */
function curvature(roads: Float64Array, i: number, s: number): number {
  let sum = 0;
  for (let k = 0; k < WAVES.length; k++) {
    sum += BENDS[k] * Math.sin((2 * Math.PI * s) / WAVES[k] + roads[i * WAVES.length + k]);
  }
  return sum;
}

/**
 * The lane-keeping task. Observations: offset (m), heading (rad), and the curvature of the road 0, 5, 10 and 15 m ahead,
 * as κ / K: the steering that follows it. Action: steering in [−1, 1], left positive. Reward 1 − (offset / half width)²
 * per step; off the road the episode ends with reward 0. `reset({ options: { state } })` starts from [offset, heading].
 *
 * @throws {UsageError} for options that are not valid.
 */
export function laneKeeping(options: z.input<typeof laneKeepingOptions> = {}): Environment {
  const { maxEpisodeSteps, ...rules } = resolveOptions(ID, laneKeepingOptions, options);
  return environmentOf({
    id: ID,
    observationSpace: box([2 + AHEAD.length], -Infinity, Infinity),
    actionSpace: box([1], -1, 1),
    maxEpisodeSteps,
    resetOptions: ["state"],
    dynamics: (copies) => dynamics(rules, copies),
  });
}

function dynamics({ halfWidth, gust }: { halfWidth: number; gust: number }, copies: number): Dynamics {
  const width = 2 + AHEAD.length;
  const state = {
    /** `[copies, 2]`: offset y and heading ψ. */
    poses: new Float64Array(2 * copies),
    distances: new Float64Array(copies),
    roads: new Float64Array(WAVES.length * copies),
  };
  const rows = new Float32Array(width * copies);
  return {
    state,

    reset(i, rng, options) {
      state.poses.set(startOf(options.state, halfWidth), 2 * i);
      state.distances[i] = 0;
      for (let k = 0; k < WAVES.length; k++) state.roads[i * WAVES.length + k] = 2 * Math.PI * rng.uniform();
    },

    step(actions, rngs, rewards, terminated) {
      const { poses, distances, roads } = state;
      for (let i = 0; i < rewards.length; i++) {
        const steering = Math.min(1, Math.max(-1, actions[i]));
        const bend = curvature(roads, i, distances[i]);
        const along = (SPEED * Math.cos(poses[2 * i + 1])) / (1 - bend * poses[2 * i]);
        poses[2 * i + 1] += STEP * (SPEED * FULL_LOCK * steering - bend * along);
        poses[2 * i] += STEP * SPEED * Math.sin(poses[2 * i + 1]);
        if (gust > 0) poses[2 * i] += gust * rngs[i].normal();
        distances[i] += STEP * along;
        const share = poses[2 * i] / halfWidth;
        terminated[i] = Math.abs(share) > 1 ? 1 : 0;
        rewards[i] = terminated[i] ? 0 : 1 - share * share;
      }
    },

    observe(from, to, out) {
      const { poses, distances, roads } = state;
      for (let i = from; i < to; i++) {
        rows[i * width] = poses[2 * i];
        rows[i * width + 1] = poses[2 * i + 1];
        for (let k = 0; k < AHEAD.length; k++) {
          rows[i * width + 2 + k] = curvature(roads, i, distances[i] + AHEAD[k]) / FULL_LOCK;
        }
      }
      copyRows(rows, width, from, to, out);
    },

    render(i) {
      const [offset, heading] = state.poses.subarray(2 * i, 2 * i + 2);
      const cells = 21;
      const at = Math.round(((1 - offset / halfWidth) * (cells - 1)) / 2);
      const road = Array.from({ length: cells }, (_, c) =>
        c === at ? "A" : 2 * c === cells - 1 ? ":" : " ",
      );
      const bend = curvature(state.roads, i, state.distances[i]) / FULL_LOCK;
      const turn = bend > 0.02 ? "left" : bend < -0.02 ? "right" : "none";
      return `|${road.join("")}|   heading ${heading.toFixed(3)}   bend ${turn}`;
    },

    renderSvg(i) {
      const [offset, heading] = state.poses.subarray(2 * i, 2 * i + 2);
      const from = state.distances[i];
      return roadPicture({ bend: (s) => curvature(state.roads, i, from + s), halfWidth, offset, heading });
    },
  };
}

function startOf(start: unknown, halfWidth: number): [number, number] {
  if (start === undefined) return [0, 0];
  const values = Array.from((start ?? []) as ArrayLike<unknown>) as number[];
  const isSound = values.length === 2 && values.every(Number.isFinite);
  if (!isSound || Math.abs(values[0]) > halfWidth || Math.abs(values[1]) >= Math.PI / 2) {
    throw new UsageError(
      `${ID}: reset option "state" must be an offset on the road, within ${halfWidth} m, and a heading within ` +
        `a quarter turn, not ${String(start)}`,
    );
  }
  return values as [number, number];
}
