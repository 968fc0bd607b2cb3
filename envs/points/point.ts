/** @file Dynamics of point navigation: a point that moves in the plane. Distances have no unit. */

import { copyRows, type Dynamics } from "../../src/env/dynamics.js";
import { UsageError } from "../../src/errors.js";
import type { Rng } from "../../src/random/rng.js";
import type { GoalTask } from "../tasks/circle-goals.js";
import { pointPicture } from "./picture.js";

/** An axis-aligned rectangle: [left, bottom, right, top]. */
export type Rectangle = [number, number, number, number];

export interface PointRules {
  /** Distance per step along an axis for an action of 1. */
  speed: number;
  /** The goal is reached within this distance. */
  goalRadius: number;
  /** `dense`: minus the distance to the goal; `sparse`: 1 minus the distance if the goal is reached, else 0. */
  reward: "dense" | "sparse";
  /** Whether reaching the goal ends the episode. */
  goalEnds: boolean;
  /** Half of the side of the square that the point cannot leave; unset: the plane is unbounded. */
  halfSide?: number;
  /** Rectangles that the point cannot enter. */
  walls: readonly Rectangle[];
  /** Draws the start position of an episode. */
  start(rng: Rng): [number, number];
  /** The goal of every copy; unset: the task sets it. */
  goal?: [number, number];
}

/** Whether a position is in one of the walls. Walls include their edges, so there is no gap between two that touch. */
export const isInWall = (walls: readonly Rectangle[], x: number, y: number): boolean =>
  walls.some(([left, bottom, right, top]) => x >= left && x <= right && y >= bottom && y <= top);

/**
 * Dynamics of `copies` points; positions and goals `[copies, 2]` in float64. An action is clipped to [−1, 1] along both
 * axes. The move along x is made first, then that along y, each only if it does not enter a wall: the point slides along
 * walls.
 */
export function pointDynamics(id: string, rules: PointRules, copies: number): Dynamics {
  const { speed, goalRadius, goalEnds, walls } = rules;
  const half = rules.halfSide ?? Infinity;
  const isSparse = rules.reward === "sparse";
  const hasWalls = walls.length > 0;
  const state = { positions: new Float64Array(2 * copies) };
  const goals = new Float64Array(2 * copies);
  if (rules.goal) for (let i = 0; i < copies; i++) goals.set(rules.goal, 2 * i);
  return {
    state,

    setTask(i, { goal }: GoalTask) {
      goals.set(goal, 2 * i);
    },

    reset(i, rng, options) {
      state.positions.set(givenStart(id, rules, options.state) ?? rules.start(rng), 2 * i);
    },

    step(actions, _rngs, rewards, terminated) {
      const { positions } = state;
      for (let i = 0, at = 0; i < rewards.length; i++, at += 2) {
        const newX = clip(positions[at] + speed * clip(actions[at], 1), half);
        const newY = clip(positions[at + 1] + speed * clip(actions[at + 1], 1), half);
        if (!hasWalls || !isInWall(walls, newX, positions[at + 1])) positions[at] = newX;
        if (!hasWalls || !isInWall(walls, positions[at], newY)) positions[at + 1] = newY;
        const dx = positions[at] - goals[at];
        const dy = positions[at + 1] - goals[at + 1];
        const distance = Math.sqrt(dx * dx + dy * dy);
        const isThere = distance <= goalRadius;
        rewards[i] = isSparse ? (isThere ? 1 - distance : 0) : -distance;
        terminated[i] = goalEnds && isThere ? 1 : 0;
      }
    },

    observe(from, to, out) {
      copyRows(state.positions, 2, from, to, out);
    },

    render(i) {
      const [x, y, goalX, goalY] = [...place(state.positions, i), ...place(goals, i)];
      return `point ${x.toFixed(2)}, ${y.toFixed(2)}   goal ${goalX.toFixed(2)}, ${goalY.toFixed(2)}`;
    },

    renderSvg(i) {
      return pointPicture({ position: place(state.positions, i), goal: place(goals, i), goalRadius, walls });
    },
  };
}

const place = (array: Float64Array, i: number): [number, number] => [array[2 * i], array[2 * i + 1]];

const clip = (x: number, limit: number): number => Math.min(limit, Math.max(-limit, x));

function givenStart(id: string, { walls, halfSide = Infinity }: PointRules, state: unknown) {
  if (state === undefined) return undefined;
  const values = Array.from((state ?? []) as ArrayLike<unknown>);
  if (values.length !== 2 || !values.every((value) => Number.isFinite(value))) {
    throw new UsageError(
      `${id}: reset option "state" must be two finite numbers (x, y), not ${String(state)}`,
    );
  }
  const [x, y] = values as [number, number];
  const isOutside = Math.max(Math.abs(x), Math.abs(y)) > halfSide;
  if (isOutside || isInWall(walls, x, y)) {
    const where = isOutside ? `outside of the square of half side ${halfSide}` : "inside a wall";
    throw new UsageError(`${id}: reset option "state" is ${x}, ${y}, ${where}`);
  }
  return [x, y];
}
