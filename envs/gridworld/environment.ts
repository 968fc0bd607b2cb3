/** @file A grid as an environment: the dynamics that all gridworlds share. */

import { environmentOf } from "../../src/env/array-environments.js";
import type { Environment, Info, ResetOptions, StepResult } from "../../src/env/contracts.js";
import { copyRows, type Dynamics } from "../../src/env/dynamics.js";
import { UsageError } from "../../src/errors.js";
import type { Rng } from "../../src/random/rng.js";
import { box, discrete } from "../../src/spaces/index.js";
import type { Action, ActionBatch } from "../../src/spaces/values.js";
import { type Grid, type GridRules, gridOf } from "./grid.js";
import { gridModel } from "./model.js";
import { checkNoise, failed, slipped } from "./noise.js";
import { stateSvg, stateText } from "./state-picture.js";
import { type ViewRules, type Views, viewsOf } from "./view.js";

/** An environment with its grid: cells, transitions, rewards and features. */
export interface GridEnvironment extends Environment {
  readonly grid: Grid;
  render(): string;
  renderSvg(): string;
}

/** A grid whose states are observed, with its exact model. */
export interface TabularGrid extends GridEnvironment {
  reset(options?: ResetOptions): { observation: number; info: Info };
  step(action: Action): StepResult<number>;
  model(): ReturnType<typeof gridModel>;
}

export interface GridSettings extends GridRules {
  maxEpisodeSteps: number;
  /** The agent's partial view; without it the observation is the state. */
  view?: ViewRules;
  /** Fraction of the goal reward that is lost linearly over the time limit; 0.9 in MiniGrid. */
  goalDecay?: number;
}

/**
 * The environment of a grid. Observations are state indices, or views. Actions: 0 left, 1 down, 2 right, 3 up; with
 * `turns`: 0 turn left, 1 turn right, 2 forward, 3 pick up, 4 open. A move into a wall, off the grid or through a door
 * without its key leaves the agent in place. `reset({ options: { state } })` starts in the given state.
 *
 * The environment has an exact model if observations are states and rewards do not depend on time.
 *
 * @throws {UsageError} when the map, the noise or the features are not valid.
 */
export function gridEnvironment(
  id: string,
  rules: GridSettings & { view?: undefined; goalDecay?: undefined },
): TabularGrid;
export function gridEnvironment(id: string, rules: GridSettings): GridEnvironment;
export function gridEnvironment(id: string, rules: GridSettings): GridEnvironment {
  checkNoise(id, rules);
  const grid = gridOf(id, rules);
  const views = rules.view && viewsOf(grid, rules.view);
  const isMarkov = !views && !rules.goalDecay;
  const environment = environmentOf({
    id,
    observationSpace: views ? box(views.shape, 0, 1) : discrete(grid.states),
    actionSpace: discrete(grid.actions),
    maxEpisodeSteps: rules.maxEpisodeSteps,
    resetOptions: ["state"],
    dynamics: (copies) => gridDynamics(id, grid, rules, views, copies),
    model: isMarkov ? () => gridModel(grid, rules) : undefined,
  });
  return Object.assign(environment, { grid }) as GridEnvironment;
}

function gridDynamics(
  id: string,
  grid: Grid,
  rules: GridSettings,
  views: Views | undefined,
  copies: number,
): Dynamics {
  const { starts, actions: perState } = grid;
  const { goalDecay = 0, goalReward, maxEpisodeSteps, slip = 0, failure = 0 } = rules;
  const positions = new Int32Array(copies);
  const elapsed = new Int32Array(goalDecay > 0 ? copies : 0);
  const done = new Int32Array(failure > 0 ? copies : 0);
  const restarting = new Uint8Array(grid.goalRestarts ? copies : 0);
  const lostPerStep = (goalDecay * goalReward) / maxEpisodeSteps;
  // With a single start no random number is drawn.
  const draw = (rng: Rng) => starts[starts.length > 1 ? rng.integer(starts.length) : 0];

  return {
    state: goalDecay > 0 ? { positions, elapsed } : { positions },

    reset(i, rng, options) {
      positions[i] = options.state === undefined ? draw(rng) : startIn(id, grid, options.state);
      if (goalDecay > 0) elapsed[i] = 0;
    },

    step(actions, rngs, rewards, terminated) {
      if (grid.goalRestarts) {
        for (let i = 0; i < copies; i++) restarting[i] = grid.goal[positions[i]];
      }
      if (slip > 0) slide(grid, slip, actions, rngs, positions, rewards, terminated);
      else if (failure > 0) {
        for (let i = 0; i < copies; i++) done[i] = failed(actions[i], failure, perState, rngs[i].uniform());
        walk(grid, done, positions, rewards, terminated);
      } else walk(grid, actions, positions, rewards, terminated);
      if (grid.goalRestarts) {
        for (let i = 0; i < copies; i++) {
          if (restarting[i] === 0) continue;
          positions[i] = draw(rngs[i]);
          rewards[i] = grid.reward[positions[i]];
          terminated[i] = grid.terminal[positions[i]];
        }
      }
      if (goalDecay > 0) {
        for (let i = 0; i < copies; i++) {
          elapsed[i]++;
          if (grid.goal[positions[i]]) rewards[i] -= lostPerStep * elapsed[i];
        }
      }
    },

    observe(from, to, out) {
      if (views) copyViews(views, positions, from, to, out);
      else copyRows(positions, 1, from, to, out);
    },

    // With partial views the state is hidden from the agent; `info` has it for analysis.
    info: views ? (i) => ({ state: positions[i] }) : undefined,
    render: (i) => stateText(grid, positions[i]),
    renderSvg: (i) => stateSvg(grid, positions[i]),
  };
}

/** Moves every copy without noise. A separate loop over local variables, because that is fastest. */
function walk(
  { next, reward, terminal, actions: perState }: Grid,
  actions: ActionBatch,
  positions: Int32Array,
  rewards: Float64Array,
  terminated: Uint8Array,
): void {
  for (let i = 0; i < actions.length; i++) {
    const position = next[perState * positions[i] + actions[i]];
    positions[i] = position;
    rewards[i] = reward[position];
    terminated[i] = terminal[position];
  }
}

/** Moves every copy on a slippery floor. */
function slide(
  { next, reward, terminal }: Grid,
  slip: number,
  actions: ActionBatch,
  rngs: readonly Rng[],
  positions: Int32Array,
  rewards: Float64Array,
  terminated: Uint8Array,
): void {
  for (let i = 0; i < actions.length; i++) {
    const position = next[4 * positions[i] + slipped(actions[i], slip, rngs[i].uniform())];
    positions[i] = position;
    rewards[i] = reward[position];
    terminated[i] = terminal[position];
  }
}

function copyViews(
  { shape, pixels }: Views,
  positions: Int32Array,
  from: number,
  to: number,
  out: Float32Array,
): void {
  const width = shape[0] * shape[1] * shape[2];
  for (let i = from; i < to; i++) {
    const view = width * positions[i];
    out.set(pixels.subarray(view, view + width), width * i);
  }
}

function startIn(id: string, grid: Grid, state: unknown): number {
  const isState = Number.isInteger(state) && (state as number) >= 0 && (state as number) < grid.states;
  if (isState && !grid.terminal[state as number]) return state as number;
  const what = isState ? "where the episode has ended" : `not an integer from 0 to ${grid.states - 1}`;
  throw new UsageError(`${id}: reset option "state" is ${state}, ${what}`);
}
