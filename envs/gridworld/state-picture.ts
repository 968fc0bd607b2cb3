/** @file Pictures of a gridworld in one state: taken keys removed, opened doors open, and the agent. */

import type { Grid } from "./grid.js";
import { type GridPicture, gridPicture } from "./model.js";
import { gridSvg, gridText } from "./picture.js";

/** Picture data of the map in a state: taken keys are removed, and an open door is `/`. */
function mapIn(grid: Grid, state: number): GridPicture {
  const picture = gridPicture(grid);
  const set = grid.taken?.[state] ?? 0;
  for (const [i, { kind, cell }] of grid.items.items.entries()) {
    if ((set >> i) & 1) picture.labels![cell] = kind === "key" ? "" : "/";
  }
  return picture;
}

/** The letters of the keys that the agent holds. */
function keysIn(grid: Grid, state: number): string[] {
  const set = grid.taken?.[state] ?? 0;
  return [..."abcdef"].filter((_, letter) => grid.items.held(set, letter) > 0);
}

export function stateText(grid: Grid, state: number): string {
  const map = gridText(mapIn(grid, state), { agent: state, heading: grid.headings?.[state] });
  const keys = keysIn(grid, state);
  return keys.length === 0 ? map : `${map}\nkeys: ${keys.join(" ")}`;
}

export function stateSvg(grid: Grid, state: number): string {
  const keys = keysIn(grid, state);
  return gridSvg(mapIn(grid, state), {
    // Maps with features have few labels, so the picture shows the reward.
    ...(grid.features && { heat: grid.reward, unit: "reward" }),
    agent: state,
    heading: grid.headings?.[state],
    title: grid.items.items.length === 0 ? undefined : `keys: ${keys.length === 0 ? "none" : keys.join(" ")}`,
  });
}
