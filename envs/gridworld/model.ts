/** @file The exact model of a gridworld, without the time limit, which belongs to the environment. */

import type { TabularModel } from "../../src/env/contracts.js";
import type { Grid, GridRules } from "./grid.js";
import { chancesOf } from "./noise.js";

/** Data for pictures of a grid, for {@link gridSvg} and the heatmaps of the report. */
export type GridPicture = NonNullable<TabularModel["grid"]>;

/** The picture data of a grid: its size, walls, labels, and the cell of each state. */
export function gridPicture({ layout, cells }: Pick<Grid, "layout" | "cells">): GridPicture {
  const symbols = [...layout.join("")];
  return {
    rows: layout.length,
    columns: layout[0].length,
    cells,
    walls: Uint8Array.from(symbols, (symbol) => (symbol === "#" ? 1 : 0)),
    labels: symbols.map((symbol) => (symbol === "#" || symbol === "." ? "" : symbol)),
  };
}

/** The tabular model of a grid under the given noise and discount; transitions in compressed sparse rows. */
export function gridModel(
  grid: Grid,
  rules: Pick<GridRules, "slip" | "failure" | "discount">,
): TabularModel & { readonly grid: GridPicture } {
  const { states, actions, starts } = grid;
  const chances = Array.from({ length: actions }, (_, action) => chancesOf(rules, action, actions));
  const restarting = (state: number) => grid.goalRestarts && grid.goal[state] === 1;
  const most = chances[0].length;
  let room = 0;
  for (let state = 0; state < states; state++) room += actions * (restarting(state) ? starts.length : most);

  const rowStart = new Int32Array(actions * states + 1);
  const next = new Int32Array(room);
  const probability = new Float64Array(room);
  const reward = new Float64Array(room);
  let end = 0;
  const add = (from: number, to: number, p: number) => {
    let entry = from;
    while (entry < end && next[entry] !== to) entry++;
    if (entry === end) next[end++] = to;
    probability[entry] += p;
  };
  for (let state = 0; state < states; state++) {
    for (let action = 0; action < actions; action++) {
      const from = end;
      if (grid.terminal[state]) add(from, state, 1);
      else if (restarting(state)) {
        // All starts differ, so there is no need to search for duplicates.
        for (const start of starts) add(end, start, 1 / starts.length);
      } else {
        for (const [done, p] of chances[action]) add(from, grid.next[actions * state + done], p);
      }
      if (!grid.terminal[state]) {
        for (let entry = from; entry < end; entry++) reward[entry] = grid.reward[next[entry]];
      }
      rowStart[actions * state + action + 1] = end;
    }
  }
  const initial = new Float64Array(states);
  for (const start of starts) initial[start] = 1 / starts.length;
  return {
    states,
    actions,
    rowStart,
    next: next.slice(0, end),
    probability: probability.slice(0, end),
    reward: reward.slice(0, end),
    initial,
    terminal: grid.terminal,
    discount: rules.discount,
    observations: Float32Array.from({ length: states }, (_, state) => state),
    features: grid.features,
    grid: gridPicture(grid),
  };
}
