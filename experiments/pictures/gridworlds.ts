/** @file The pictures of docs/reference/environments/gridworlds.md. */

import { corridor } from "../../envs/gridworld/corridor.js";
import type { GridEnvironment } from "../../envs/gridworld/environment.js";
import { fourRooms } from "../../envs/gridworld/four-rooms.js";
import { gridworld } from "../../envs/gridworld/gridworld.js";
import { keyDoor } from "../../envs/gridworld/key-door.js";
import { macroCells } from "../../envs/gridworld/macro-cells.js";
import { maze } from "../../envs/gridworld/maze.js";
import type { GridPicture } from "../../envs/gridworld/model.js";
import { objectworld } from "../../envs/gridworld/objectworld.js";
import { partialGrid } from "../../envs/gridworld/partial-grid.js";
import { type GridSvgOptions, gridSvg } from "../../envs/gridworld/picture.js";
import { viewsOf } from "../../envs/gridworld/view.js";
import type { TabularModel } from "../../src/env/contracts.js";
import { valueIteration } from "../../src/mdp/index.js";

/** The optimal values and policy of an environment, drawn on its grid. */
function solved(environment: GridEnvironment, options: GridSvgOptions = {}): string {
  const model = environment.model!();
  const { values, policy } = valueIteration(model);
  const visited = reachable(model);
  const blank = visited.map((flag, state) => Number(!flag || model.terminal[state]));
  const heat = values.map((value, state) => (blank[state] ? Number.NaN : value));
  const overlays = { heat, policy, terminal: blank, unit: "optimal value" };
  return gridSvg(model.grid!, { ...overlays, ...options });
}

/** `[states]`: 1 for states that an episode can reach, else 0. */
function reachable({ actions, initial, rowStart, next }: TabularModel): Uint8Array {
  const visited = Uint8Array.from(initial, (p) => Number(p > 0));
  const queue = [...visited.keys()].filter((state) => visited[state]);
  for (const state of queue) {
    for (let entry = rowStart[state * actions]; entry < rowStart[(state + 1) * actions]; entry++) {
      if (visited[next[entry]]) continue;
      visited[next[entry]] = 1;
      queue.push(next[entry]);
    }
  }
  return visited;
}

/** The map of the objectworld with each object's outer colour as a number. */
function objects(): string {
  const { objects, grid, model } = objectworld();
  const picture = model!().grid!;
  const labels = new Array<string>(picture.rows * picture.columns).fill("");
  for (const { cell, outer } of objects) labels[cell] = String(outer + 1);
  return gridSvg({ ...picture, labels }, { heat: grid.reward, unit: "reward", cell: 18 });
}

/** A state of the partially observed grid, and the agent's view of it. */
function view(): Record<string, string> {
  const environment = partialGrid();
  environment.reset({ seed: 0 });
  // First beside the key with the key in view, then in front of the door with the key.
  const { cells, headings, taken, layout } = environment.grid;
  const [row, column] = [3, 2];
  const state = cells.findIndex(
    (cell, s) => cell === row * layout[0].length + column && headings![s] === 2 && taken![s] === 1,
  );
  environment.reset({ options: { state } });
  const size = 7;
  const { planes, pixels } = viewsOf(environment.grid, { size, from: "edge", occlude: true });
  const symbols: Record<string, string> = { goal: "G", lava: "L", "key a": "a", "closed door a": "A" };
  const labels = Array.from({ length: size * size }, (_, i) => {
    const at = (state * size * size + i) * planes.length;
    const shown = planes.filter((_, plane) => pixels[at + plane] === 1);
    return shown.length === 0 ? "?" : (symbols[shown.at(-1)!] ?? shown.at(-1)!);
  });
  const picture: GridPicture = {
    rows: size,
    columns: size,
    cells: Int32Array.from({ length: size * size }, (_, i) => i),
    walls: Uint8Array.from(labels, (label) => Number(label === "wall")),
    labels: labels.map((label) => (label === "seen" || label === "wall" ? "" : label)),
  };
  const agent = (size - 1) * size + (size - 1) / 2;
  const fills = { "?": "#c3c8d0", G: "#8fd19e", a: "#ffe08a", A: "#cfa77d" };
  return {
    "partial-grid.svg": environment.renderSvg!(),
    "partial-grid-view.svg": gridSvg(picture, { agent, heading: 3, fills, title: "observation" }),
  };
}

/** File names → SVG documents. */
export async function pictures(): Promise<Record<string, string>> {
  return {
    "gridworld.svg": solved(gridworld()),
    "corridor.svg": gridSvg(corridor().model!().grid!, { cell: 18 }),
    "four-rooms.svg": solved(fourRooms(), { cell: 32 }),
    "maze.svg": solved(maze(), { cell: 28 }),
    "macro-cells.svg": macroCells().renderSvg!(),
    "objectworld.svg": objects(),
    "key-door.svg": solved(keyDoor(), {
      cell: 28,
      title: ["no key", "key a", "keys a and b"],
    }),
    ...view(),
  };
}
