/**
 * @file GridNavi-v0: find a goal in a small grid, then walk to it. It is the example of [Zintgraf et al. 2020, §5.1]
 * (VariBAD): 5 × 5 cells, episodes of 15 steps, trials of 4 episodes. GridNaviClusters-v0 has goals in the four corners
 * and its start in the middle: the agent must first find the corner, then the cell.
 */

import * as z from "zod";
import { resolveOptions } from "../../src/config/options.js";
import { environmentOf } from "../../src/env/array-environments.js";
import { requireModelSize } from "../../src/env/check-model.js";
import type { TabularModel, TaskEnvironment, TaskFamily } from "../../src/env/contracts.js";
import { copyRows, type Dynamics } from "../../src/env/dynamics.js";
import { clusterField, taskChecker } from "../../src/env/task-families.js";
import { tabularModel } from "../../src/mdp/index.js";
import { discrete } from "../../src/spaces/index.js";
import { modelDiscount, stepLimit, trialEpisodes } from "../options.js";
import { gridPicture } from "./grid-picture.js";

const STEP_REWARD = -0.1;
const GOAL_REWARD = 1;
/** Row and column added by each action: up, right, down, left, stay. */
const MOVES = [
  [-1, 0],
  [0, 1],
  [1, 0],
  [0, -1],
  [0, 0],
];

/** A task: the cell of the goal (row × size + column, from the top left) and the cluster from which it was drawn. */
export type GridTask = { cluster: number; goal: number };

export const gridNaviOptions = z.strictObject({
  size: z.int().min(3).default(5).describe("rows and columns of the grid, in cells"),
  episodesPerTask: trialEpisodes(4),
  discount: modelDiscount(),
  maxEpisodeSteps: stepLimit(15),
});

export const gridNaviClustersOptions = gridNaviOptions.extend({
  hint: z
    .number()
    .optional()
    .describe(
      "reward of a step that ends in the goal's corner but not on the goal, which tells the cluster before the goal; unset: −0.1, as elsewhere",
    ),
});

/**
 * The grid. Actions: 0 up, 1 right, 2 down, 3 left, 4 stay; a move off the grid leaves the agent in place. Observations
 * are cells, row × size + column, from the top left. Reward 1 for a step that ends on the goal, else −0.1; the goal does
 * not end the episode. The start is the bottom left cell. The goal is uniform over all cells except the start and its
 * neighbours.
 *
 * @throws {UsageError} for options that are not valid.
 */
export function gridNavi(options: z.input<typeof gridNaviOptions> = {}): TaskEnvironment<GridTask, number> {
  const id = "GridNavi-v0";
  const resolved = resolveOptions(id, gridNaviOptions, options);
  const { size } = resolved;
  requireModelSize(id, size * size, MOVES.length);
  const start = size * (size - 1);
  const far = allCells(size).filter((cell) => rowOf(cell, size) < size - 2 || cell % size > 1);
  return navigation(id, resolved, start, [far]);
}

/**
 * The grid of {@link gridNavi} with 4 clusters of goals. The start is the middle cell. The goal is uniform over a block
 * of ⌊size / 2⌋² cells in the top left, top right, bottom left or bottom right corner (clusters 0 to 3).
 * With `hint`, a step that ends in this block but not on the goal has that reward.
 *
 * @throws {UsageError} for options that are not valid.
 */
export function gridNaviClusters(
  options: z.input<typeof gridNaviClustersOptions> = {},
): TaskEnvironment<GridTask, number> {
  const id = "GridNaviClusters-v0";
  const { hint, ...resolved } = resolveOptions(id, gridNaviClustersOptions, options);
  const { size } = resolved;
  requireModelSize(id, size * size, MOVES.length);
  const half = Math.floor(size / 2);
  const isIn = (cluster: number, cell: number) => {
    const [row, column] = [rowOf(cell, size), cell % size];
    const isVertical = cluster < 2 ? row < half : row >= size - half;
    return isVertical && (cluster % 2 === 0 ? column < half : column >= size - half);
  };
  const corners = [0, 1, 2, 3].map((cluster) => allCells(size).filter((cell) => isIn(cluster, cell)));
  return navigation(id, resolved, size * half + half, corners, hint);
}

const allCells = (size: number): number[] => Array.from({ length: size * size }, (_, cell) => cell);
const rowOf = (cell: number, size: number): number => Math.floor(cell / size);

/**
 * @param goals possible cells of the goal, by cluster.
 * @param hint reward of a step that ends on another such cell of the task's cluster.
 */
function navigation(
  id: string,
  { size, discount, ...limits }: z.output<typeof gridNaviOptions>,
  start: number,
  goals: readonly number[][],
  hint = STEP_REWARD,
): TaskEnvironment<GridTask, number> {
  const next = successors(size);
  /** The rewards of a task, by the cell in which a step ends. */
  const rewardsOf = ({ cluster, goal }: GridTask) => {
    const rewards = new Float64Array(size * size).fill(STEP_REWARD);
    for (const cell of goals[cluster]) rewards[cell] = hint;
    rewards[goal] = GOAL_REWARD;
    return rewards;
  };
  const clusters = goals.length;
  const schema = z.strictObject({
    cluster: clusterField(clusters),
    goal: z
      .int()
      .min(0)
      .max(size * size - 1),
  });
  const tasks: TaskFamily<GridTask> = {
    clusters,
    sampleTask(rng) {
      const cluster = rng.integer(clusters);
      return { cluster, goal: goals[cluster][rng.integer(goals[cluster].length)] };
    },
    clusterOf: ({ cluster }) => cluster,
    checkTask: taskChecker(id, schema),
    model: (task) => navigationModel(size, next, start, task.goal, rewardsOf(task), discount),
  };
  return environmentOf({
    ...limits,
    id,
    observationSpace: discrete(size * size),
    actionSpace: discrete(MOVES.length),
    resetOptions: [],
    dynamics: (copies) => navigationDynamics(size, next, start, rewardsOf, copies),
    tasks,
  });
}

/** `[cells × actions]`: the next cell of each action in each cell. */
function successors(size: number): Int32Array {
  const clamp = (x: number) => Math.min(size - 1, Math.max(0, x));
  const next = allCells(size).flatMap((cell) =>
    MOVES.map(([down, right]) => clamp(rowOf(cell, size) + down) * size + clamp((cell % size) + right)),
  );
  return Int32Array.from(next);
}

function navigationDynamics(
  size: number,
  next: Int32Array,
  start: number,
  rewardsOf: (task: GridTask) => Float64Array,
  copies: number,
): Dynamics {
  const actionCount = MOVES.length;
  const cells = size * size;
  /** `[copies × cells]`. */
  const cellRewards = new Float64Array(copies * cells);
  const goals = new Int32Array(copies);
  const state = { positions: new Int32Array(copies) };
  return {
    state,

    setTask(i, task: GridTask) {
      goals[i] = task.goal;
      cellRewards.set(rewardsOf(task), cells * i);
    },

    reset(i) {
      state.positions[i] = start;
    },

    step(actions, _rngs, rewards, terminated) {
      const { positions } = state;
      for (let i = 0; i < actions.length; i++) {
        const position = next[actionCount * positions[i] + actions[i]];
        positions[i] = position;
        rewards[i] = cellRewards[cells * i + position];
        terminated[i] = 0;
      }
    },

    observe(from, to, out) {
      copyRows(state.positions, 1, from, to, out);
    },

    render(i) {
      const symbol = (cell: number) => (cell === state.positions[i] ? "@" : cell === goals[i] ? "G" : ".");
      const line = (row: number) =>
        Array.from({ length: size }, (_, column) => symbol(size * row + column)).join("");
      return Array.from({ length: size }, (_, row) => line(row)).join("\n");
    },

    renderSvg(i) {
      return gridPicture(size, { at: state.positions[i], goals: [[goals[i]]] });
    },
  };
}

function navigationModel(
  size: number,
  next: Int32Array,
  start: number,
  goal: number,
  rewards: Float64Array,
  discount: number,
): TabularModel {
  const states = size * size;
  const cells = Int32Array.from({ length: states }, (_, cell) => cell);
  const labels = allCells(size).map((cell) => (cell === goal ? "G" : cell === start ? "S" : ""));
  return tabularModel({
    states,
    actions: MOVES.length,
    transitions(cell, action) {
      const to = next[MOVES.length * cell + action];
      return [{ next: to, probability: 1, reward: rewards[to] }];
    },
    initial: start,
    discount,
    grid: { rows: size, columns: size, cells, walls: new Uint8Array(states), labels },
  });
}
