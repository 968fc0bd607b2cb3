/**
 * @file Partial views of a grid: a square window that turns with the agent, as in MiniGrid
 * [Chevalier-Boisvert et al. 2023]. Walls and closed doors hide the cells behind them.
 */

import type { Grid } from "./grid.js";
import { currentOf, doorOf, keyOf, MOVES } from "./layout.js";

export interface ViewRules {
  /** Rows and columns of the window; odd. */
  size: number;
  /** Whether the agent is in the middle of the window's last row, or in the middle of the window. */
  from: "edge" | "centre";
  /** Whether walls and closed doors hide the cells behind them. */
  occlude: boolean;
}

/** Heading of the view if the agent has no heading: up. */
const UP = 3;

const KEYS = [..."abcdef"];

/** The views of all states. */
export interface Views {
  /** Rows of the window, columns of the window, planes. */
  readonly shape: [number, number, number];
  /** Names of the planes; a plane is 1 in the cells that show the named thing, else 0. */
  readonly planes: readonly string[];
  /** `[states × rows × columns × planes]`, 0 or 1. */
  readonly pixels: Float32Array;
}

/** Names of the planes of a map. Planes of currents, keys and doors exist only if the map has them. */
function planesOf(symbols: readonly string[]): string[] {
  const planes = ["seen", "wall", "goal", "lava"];
  if (symbols.some((symbol) => currentOf(symbol) >= 0)) {
    planes.push("current to the left", "current backwards", "current to the right", "current forwards");
  }
  for (const key of KEYS) {
    if (symbols.includes(key)) planes.push(`key ${key}`);
    if (symbols.includes(key.toUpperCase())) planes.push(`closed door ${key}`, `open door ${key}`);
  }
  return planes;
}

/**
 * The view of every state. The first row of the window is farthest ahead of the agent. Cells off the map are walls. A
 * key that the agent holds is shown in the agent's own cell.
 *
 * A cell is visible if every step of the straight line to it is open: at each step, at least one of the one or two cells
 * nearest to the line is neither a wall nor a closed door.
 */
export function viewsOf(grid: Grid, { size, from, occlude }: ViewRules): Views {
  const symbols = [...grid.layout.join("")];
  const planes = planesOf(symbols);
  const plane = new Map(planes.map((name, index) => [name, index]));
  const opaque = planes.map((name) => name === "wall" || name.startsWith("closed door"));
  const middle = (size - 1) / 2;
  const eye = (from === "edge" ? size - 1 : middle) * size + middle;
  const ways = Array.from({ length: size * size }, (_, i) => (occlude ? wayTo(i, eye, size) : []));

  const pixels = new Float32Array(grid.states * size * size * planes.length);
  const window = new Int32Array(size * size);
  const things = new Int32Array(size * size);
  for (let state = 0; state < grid.states; state++) {
    lookAt(grid, state, eye, window);
    const heading = grid.headings?.[state] ?? UP;
    const set = grid.taken?.[state] ?? 0;
    for (const [i, cell] of window.entries()) {
      things[i] = thingIn(grid, cell < 0 ? "#" : symbols[cell], cell, set, heading, plane);
    }
    for (let i = 0; i < size * size; i++) {
      if (ways[i].some((near) => near.every((place) => opaque[things[place]]))) continue;
      const pixel = (state * size * size + i) * planes.length;
      pixels[pixel] = 1;
      if (things[i] > 0) pixels[pixel + things[i]] = 1;
      if (i !== eye) continue;
      for (const [letter, key] of KEYS.entries()) {
        const held = plane.get(`key ${key}`);
        if (held !== undefined && grid.items.held(set, letter) > 0) pixels[pixel + held] = 1;
      }
    }
  }
  return { shape: [size, size, planes.length], planes, pixels };
}

/** Writes the map cell of each place of a state's window to `window`, −1 off the map. */
function lookAt({ layout, cells, headings }: Grid, state: number, eye: number, window: Int32Array): void {
  const [rows, columns] = [layout.length, layout[0].length];
  const size = Math.sqrt(window.length);
  const heading = headings?.[state] ?? UP;
  const [ahead, aside] = [MOVES[heading], MOVES[(heading + 3) & 3]];
  for (let i = 0; i < window.length; i++) {
    const forward = Math.floor(eye / size) - Math.floor(i / size);
    const right = (i % size) - (eye % size);
    const y = Math.floor(cells[state] / columns) + forward * ahead.row + right * aside.row;
    const x = (cells[state] % columns) + forward * ahead.column + right * aside.column;
    window[i] = y >= 0 && y < rows && x >= 0 && x < columns ? y * columns + x : -1;
  }
}

/** The index of the plane for the content of a cell, 0 for plain floor. */
function thingIn(
  { items }: Grid,
  symbol: string,
  cell: number,
  set: number,
  heading: number,
  plane: ReadonlyMap<string, number>,
): number {
  if (symbol === "." || symbol === "S") return 0;
  if (symbol === "#") return plane.get("wall")!;
  if (symbol === "G") return plane.get("goal")!;
  if (symbol === "L") return plane.get("lava")!;
  const current = currentOf(symbol);
  // Relative to the window: a current in the direction of the agent's heading points up.
  if (current >= 0) return plane.get("current to the left")! + ((current - heading + UP + 4) & 3);
  const item = items.at(cell);
  const isTaken = item >= 0 && ((set >> item) & 1) === 1;
  if (keyOf(symbol) >= 0) return isTaken ? 0 : plane.get(`key ${symbol}`)!;
  // A door that is not an item is open if and only if its key is held.
  const isOpen = item >= 0 ? isTaken : items.held(set, doorOf(symbol)) > 0;
  return plane.get(`closed door ${symbol.toLowerCase()}`)! + Number(isOpen);
}

/** The places on the straight line between two places of the window: the nearest one or two at each step. */
function wayTo(to: number, from: number, size: number): number[][] {
  const down = Math.floor(to / size) - Math.floor(from / size);
  const across = (to % size) - (from % size);
  const steps = Math.max(Math.abs(down), Math.abs(across));
  return Array.from({ length: Math.max(steps - 1, 0) }, (_, i) => {
    const nearest = (distance: number) => {
      const at = (distance * (i + 1)) / steps;
      return [...new Set([Math.ceil(at - 0.5), Math.floor(at + 0.5)])];
    };
    return nearest(down).flatMap((y) => nearest(across).map((x) => from + y * size + x));
  });
}
