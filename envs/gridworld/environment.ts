/** @file Any grid as an environment: the dynamics that the gridworlds, the corridor and the frozen lake share. */

import { UsageError } from "../../src/errors.js";
import type { Environment } from "../../src/rollout/contracts.js";
import { copyRows, type Dynamics } from "../../src/rollout/dynamics.js";
import { environmentOf } from "../../src/rollout/native.js";
import { discrete } from "../../src/spaces/index.js";
import { type Grid, type GridRules, gridModel, gridOf } from "./grid.js";

/** An environment that knows its grid. */
export interface GridEnvironment extends Environment {
  readonly grid: Grid;
}

/**
 * The environment of a grid. Observations are state indices. Actions: 0 left, 1 down, 2 right, 3 up; with probability
 * `slip` the move is turned a quarter, to either side alike; a move into a wall or off the grid stays.
 * `reset({ options: { state } })` starts in the given state.
 */
export function gridEnvironment(id: string, rules: GridRules & { maxEpisodeSteps: number }): GridEnvironment {
  const grid = gridOf(id, rules);
  const environment = environmentOf({
    id,
    observationSpace: discrete(grid.states),
    actionSpace: discrete(4),
    maxEpisodeSteps: rules.maxEpisodeSteps,
    resetOptions: ["state"],
    dynamics: (copies) => gridDynamics(id, grid, rules.slip, copies),
    model: () => gridModel(grid, rules),
  });
  return Object.assign(environment, { grid });
}

function gridDynamics(id: string, grid: Grid, slip: number, copies: number): Dynamics {
  const { starts } = grid;
  const state = { positions: new Int32Array(copies) };
  return {
    state,

    reset(i, rng, options) {
      const drawn = () => starts[starts.length > 1 ? rng.integer(starts.length) : 0];
      state.positions[i] = options.state === undefined ? drawn() : startIn(id, grid, options.state);
    },

    step(actions, rngs, rewards, terminated) {
      const { next, reward, terminal } = grid;
      const { positions } = state;
      for (let i = 0; i < actions.length; i++) {
        let move = actions[i];
        if (slip > 0) {
          const u = rngs[i].uniform();
          // Without branches, which no predictor could guess: half of the slips turn by 1, half by 3.
          move = (move + 2 * Number(2 * u < slip) + Number(u < slip)) & 3;
        }
        const position = next[4 * positions[i] + move];
        positions[i] = position;
        rewards[i] = reward[position];
        terminated[i] = terminal[position];
      }
    },

    observe(from, to, out) {
      copyRows(state.positions, 1, from, to, out);
    },

    render: (i) => picture(grid, state.positions[i]),
  };
}

function startIn(id: string, grid: Grid, state: unknown): number {
  const isState = Number.isInteger(state) && (state as number) >= 0 && (state as number) < grid.states;
  if (isState && !grid.terminal[state as number]) return state as number;
  const what = isState ? "where the episode has ended" : `not an integer from 0 to ${grid.states - 1}`;
  throw new UsageError(`${id}: reset option "state" is ${state}, ${what}`);
}

/** The map with `@` where the agent is. */
function picture({ layout, cells }: Grid, state: number): string {
  const columns = layout[0].length;
  const at = cells[state];
  const symbols = [...layout.join("")].map((symbol, cell) => (cell === at ? "@" : symbol));
  return layout.map((_, row) => symbols.slice(row * columns, (row + 1) * columns).join("")).join("\n");
}
