/**
 * @file The two-way obstacle [Ke et al. 2021, figure 2]: a car drives up a grid towards an obstacle that experts pass on
 * the left or on the right. A learner that observes only its row, not its column, cannot do both.
 */

import { type Demonstrations, demonstrationsOf } from "../../src/datasets/demonstrations.js";
import type { Environment, TabularModel } from "../../src/env/contracts.js";
import { tabularEnvironment } from "../../src/env/tabular-environment.js";
import { tabularModel } from "../../src/mdp/index.js";
import type { Trajectory } from "../../src/rollout/trajectory.js";
import { discrete } from "../../src/spaces/index.js";

const ROWS = 7;
const COLUMNS = 7;
const STATES = ROWS * COLUMNS;
const MIDDLE = (COLUMNS - 1) / 2;
/** Number of steps sideways with which an expert avoids the obstacle. */
const SWERVE = 2;
/** Rows (counted from the start of the drives) and columns of the obstacle. */
const OBSTACLE = { rows: [SWERVE, SWERVE + 1], columns: [MIDDLE - 1, MIDDLE, MIDDLE + 1] };

const cell = (row: number, column: number): number => (ROWS - 1 - row) * COLUMNS + column;
const rowOf = (state: number) => ROWS - 1 - Math.floor(state / COLUMNS);
const isBlocked = (state: number) =>
  OBSTACLE.rows.includes(rowOf(state)) && OBSTACLE.columns.includes(state % COLUMNS);
const states = Array.from({ length: STATES }, (_, state) => state);

/**
 * The model. Actions: 0 up and left, 1 up, 2 up and right. A drive ends in the last row, or in the obstacle with reward
 * −1. States are the cells of the picture.
 */
export function twoWayModel(): TabularModel {
  return tabularModel({
    states: STATES,
    actions: 3,
    transitions(state, action) {
      const column = Math.min(COLUMNS - 1, Math.max(0, (state % COLUMNS) + action - 1));
      const next = cell(rowOf(state) + 1, column);
      return [{ next, probability: 1, reward: isBlocked(next) ? -1 : 0 }];
    },
    initial: cell(0, MIDDLE),
    terminal: states.filter((state) => rowOf(state) === ROWS - 1 || isBlocked(state)),
    discount: 0.95,
    grid: {
      rows: ROWS,
      columns: COLUMNS,
      cells: Int32Array.from(states),
      walls: new Uint8Array(STATES),
      labels: states.map((state) => (isBlocked(state) ? "✕" : "")),
    },
  });
}

export const twoWay = (): Environment => tabularEnvironment("TwoWay", twoWayModel());

/** `[states, rows]`: features that encode only the row. */
export const rowFeatures = (): number[][] =>
  states.map((state) => Array.from({ length: ROWS }, (_, row) => Number(row === rowOf(state))));

/** Demonstrated drives: `left` of them pass on the left, the others on the right. */
export function twoWayDemonstrations(episodes: number, left = episodes / 2): Demonstrations {
  const trajectories = Array.from({ length: episodes }, (_, i): Trajectory => {
    const side = i < left ? -1 : 1;
    const column = (row: number) => MIDDLE + side * Math.min(row, SWERVE);
    const steps = ROWS - 1;
    return {
      observations: Float32Array.from({ length: steps + 1 }, (_, row) => cell(row, column(row))),
      actions: Int32Array.from({ length: steps }, (_, row) => 1 + column(row + 1) - column(row)),
      rewards: new Float64Array(steps),
      terminated: true,
      truncated: false,
    };
  });
  return demonstrationsOf(trajectories, {
    env: "TwoWay",
    observationSpace: discrete(STATES),
    actionSpace: discrete(3),
  });
}

/** `[states]`: the fraction of drives that visit each cell, for a policy with this state–action occupancy. */
export function shares(pairs: ArrayLike<number>): Float64Array {
  const { discount, terminal } = twoWayModel();
  return Float64Array.from(states, (s) => {
    const weight = pairs[3 * s] + pairs[3 * s + 1] + pairs[3 * s + 2];
    return weight / (discount ** rowOf(s) * (terminal[s] ? 1 : 1 - discount));
  });
}

/** Outcomes of drives: the fractions that pass on each side and that crash. */
export function outcomes(pairs: ArrayLike<number>): { left: number; right: number; crash: number } {
  const through = shares(pairs);
  const arriving = (side: number) =>
    states
      .filter((s) => rowOf(s) === ROWS - 1 && Math.sign((s % COLUMNS) - MIDDLE) === side)
      .reduce((sum, s) => sum + through[s], 0);
  const [left, right] = [arriving(-1), arriving(1)];
  return { left, right, crash: 1 - left - right };
}
