/**
 * @file Pictures of grids as SVG and as text: heatmaps of values, rewards or occupancies, arrows of a policy, and the
 * agent. They take the `grid` of any tabular model.
 */

import { UsageError } from "../../src/errors.js";
import { arrowMarks, type Move, policyMoves } from "./arrows.js";
import {
  colourOf,
  escapeXml,
  FILLS,
  INK,
  legend,
  type Range,
  rangeOf,
  short,
  wallsAndFloor,
} from "./drawing.js";
import type { GridPicture } from "./model.js";

export interface GridOverlays {
  /** `[states]`: values, rewards or occupancies. A state with NaN keeps the colour of its cell. */
  heat?: ArrayLike<number>;
  /** Values at the two ends of the colour scale; unset: the smallest and the largest value. */
  range?: Range;
  /** A policy: one action per state, `[states]`, or probabilities, `[states × actions]`. */
  policy?: ArrayLike<number>;
  /** The move of each action, `null` for no arrow; unset: left, down, right, up and staying. */
  moves?: readonly (Move | null)[];
  /** `[states]`, 0 or 1: states without arrows, such as the `terminal` states of a model. */
  terminal?: ArrayLike<number>;
  /** The state of the agent; unset: no agent is drawn. */
  agent?: number;
  /** The heading of the agent, as the number of a move (0 left, 1 down, 2 right, 3 up); unset: drawn as a disc. */
  heading?: number;
}

export interface GridSvgOptions extends GridOverlays {
  /** Title above the picture, or one title per panel. */
  title?: string | readonly string[];
  /** Name or unit of the heatmap's quantity, written beside the colour scale. */
  unit?: string;
  /** Width and height of a cell (px); unset: chosen to fit the page. */
  cell?: number;
  /** Background colours of cells by label; unset: those of goals, lava, keys, doors and currents. */
  fills?: Readonly<Record<string, string>>;
}

/** Largest width of a row of panels (px), if the cell size is not set. */
const WIDTH = 880;
const GAP = 20;
const MARGIN = 10;
const TITLE = 24;
const LEGEND = 40;

/**
 * An SVG document of a grid. If several states share a cell, as with keys or headings, a heatmap or policy has several
 * panels: panel p shows the p-th state of every cell.
 *
 * @throws {UsageError} when the length of an overlay does not match the number of states.
 */
export function gridSvg(grid: GridPicture, options: GridSvgOptions = {}): string {
  checkOverlays(grid, options);
  const { heat, policy, title, unit = "", agent } = options;
  const layers = heat || policy ? layersOf(grid) : [layersOf(grid)[0]];
  const titles = typeof title === "string" ? [title] : (title ?? []);
  const perRow = layers.length > 3 ? Math.ceil(Math.sqrt(layers.length)) : layers.length;
  const fitting = Math.floor((WIDTH - GAP * (perRow - 1)) / perRow / grid.columns);
  const size = options.cell ?? Math.max(3, Math.min(36, fitting));
  const top = titles.length > 0 ? TITLE : 0;
  const range = heat && (options.range ?? rangeOf(heat));

  const [width, height] = [grid.columns * size, grid.rows * size];
  const rows = Math.ceil(layers.length / perRow);
  const total = {
    width: Math.max(perRow * (width + GAP) - GAP, heat ? 240 : 0) + 2 * MARGIN,
    height: rows * (height + top + GAP) - GAP + (heat ? LEGEND : 0) + 2 * MARGIN,
  };
  const panels = layers.map((layer, p) => {
    const x = MARGIN + (p % perRow) * (width + GAP);
    const y = MARGIN + Math.floor(p / perRow) * (height + top + GAP) + top;
    const parts = [
      titles[p] &&
        `<text x="0" y="-9" font-size="13" font-weight="600" fill="${INK}">${escapeXml(titles[p])}</text>`,
      ...wallsAndFloor(grid, size),
      ...cellColours(grid, layer, size, range, options),
      ...cellLabels(grid, size, policy !== undefined),
      policy && arrowMarks(grid, layer, size, policyMoves(grid.cells.length, options)),
      agent !== undefined && (layer.includes(agent) || layers.length === 1)
        ? agentMark(grid, size, agent, options.heading)
        : "",
    ];
    return `<g transform="translate(${x} ${y})">${parts.filter(Boolean).join("")}</g>`;
  });
  const scale = range ? legend(range, unit, MARGIN, total.height - LEGEND - MARGIN + 12) : "";
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${total.width} ${total.height}" width="${total.width}" ` +
    `height="${total.height}" font-family="system-ui, sans-serif"><rect width="100%" height="100%" fill="#ffffff"/>` +
    `${panels.join("")}${scale}</svg>\n`
  );
}

/**
 * A grid as text: `#` walls, labels, `.` floor. The agent is `@`, or a triangle if it has a heading. The most likely
 * action of a policy is an arrow in cells without a label; a heatmap is written as numbers. If several states share a
 * cell, the first one is shown.
 *
 * @throws {UsageError} when the length of an overlay does not match the number of states.
 */
export function gridText(grid: GridPicture, options: GridOverlays = {}): string {
  checkOverlays(grid, options);
  const { heat, policy, agent, heading } = options;
  const [layer] = layersOf(grid);
  const moves = policy && policyMoves(grid.cells.length, options);
  const texts = Array.from({ length: grid.rows * grid.columns }, (_, cell) => {
    if (agent !== undefined && grid.cells[agent] === cell)
      return heading === undefined ? "@" : "◀▼▶▲"[heading];
    if (grid.walls[cell]) return "#";
    const state = layer[cell];
    if (heat && state >= 0) return Number.isNaN(heat[state]) ? "" : short(heat[state]);
    return grid.labels?.[cell] || (state >= 0 && moves?.text(state)) || ".";
  });
  const width = Math.max(...texts.map((text) => text.length));
  const padded = texts.map((text) => text.padStart(width));
  return Array.from({ length: grid.rows }, (_, row) =>
    padded.slice(row * grid.columns, (row + 1) * grid.columns).join(heat ? " " : ""),
  ).join("\n");
}

function checkOverlays(grid: GridPicture, { heat, terminal, agent, cell }: GridOverlays & { cell?: number }) {
  const states = grid.cells.length;
  for (const [name, values] of Object.entries({ heat, terminal })) {
    if (!values || values.length === states) continue;
    throw new UsageError(
      `"${name}" has ${values.length} numbers, but the grid has ${states} states: give one number per state`,
    );
  }
  if (agent !== undefined && !(Number.isInteger(agent) && agent >= 0 && agent < states)) {
    throw new UsageError(`"agent" is ${agent}, but the grid's states are 0 to ${states - 1}`);
  }
  if (cell !== undefined && !(cell > 0)) throw new UsageError(`"cell" is ${cell}: it must be above 0 pixels`);
}

/** For each panel p, `[cells]`: the p-th state of every cell, or −1 if there is none. */
function layersOf({ rows, columns, cells }: GridPicture): Int32Array[] {
  const layers: Int32Array[] = [];
  const filled = new Int32Array(rows * columns);
  for (const [state, cell] of cells.entries()) {
    const layer = filled[cell]++;
    layers[layer] ??= new Int32Array(rows * columns).fill(-1);
    layers[layer][cell] = state;
  }
  return layers.length > 0 ? layers : [new Int32Array(rows * columns).fill(-1)];
}

/** Cell backgrounds as one path per colour, with horizontal runs merged, so that pictures of large grids stay small. */
function cellColours(
  grid: GridPicture,
  layer: Int32Array,
  size: number,
  range: Range | undefined,
  { heat, fills = FILLS }: GridSvgOptions,
): string[] {
  const colour = (cell: number): string | undefined => {
    if (grid.walls[cell]) return undefined;
    const state = layer[cell];
    const number = heat && state >= 0 ? heat[state] : Number.NaN;
    if (range && !Number.isNaN(number)) return colourOf(number, range);
    return fills[grid.labels?.[cell] ?? ""];
  };
  const paths = new Map<string, string>();
  for (let row = 0; row < grid.rows; row++) {
    for (let column = 0; column < grid.columns; ) {
      const fill = colour(row * grid.columns + column);
      let end = column + 1;
      while (end < grid.columns && colour(row * grid.columns + end) === fill) end++;
      const run = (end - column) * size;
      if (fill)
        paths.set(fill, `${paths.get(fill) ?? ""}M${column * size} ${row * size}h${run}v${size}h-${run}z`);
      column = end;
    }
  }
  return [...paths].map(([fill, path]) => `<path fill="${fill}" d="${path}"/>`);
}

/** Cell labels, in the middle of the cell or in its corner. Cells below 10 px have no labels. */
function cellLabels(grid: GridPicture, size: number, inCorner: boolean): string[] {
  if (!grid.labels || size < 10) return [];
  return grid.labels.flatMap((label, cell) => {
    if (!label || grid.walls[cell]) return [];
    const [column, row] = [cell % grid.columns, Math.floor(cell / grid.columns)];
    const font = Math.round(size * (inCorner ? 0.3 : 0.5));
    const x = (column + (inCorner ? 0.2 : 0.5)) * size;
    const y = (row + (inCorner ? 0.22 : 0.5)) * size + font * 0.36;
    const halo = ' stroke="#ffffff" stroke-width="2" paint-order="stroke"';
    return `<text x="${short(x)}" y="${short(y)}" font-size="${font}" text-anchor="middle" fill="${INK}"${halo}>${escapeXml(label)}</text>`;
  });
}

function agentMark(grid: GridPicture, size: number, agent: number, heading: number | undefined): string {
  const cell = grid.cells[agent];
  const x = ((cell % grid.columns) + 0.5) * size;
  const y = (Math.floor(cell / grid.columns) + 0.5) * size;
  const paint = 'fill="#7c3aed" stroke="#ffffff" stroke-width="1.5"';
  if (heading === undefined) return `<circle cx="${x}" cy="${y}" r="${short(size * 0.3)}" ${paint}/>`;
  const r = size * 0.36;
  const points = [r, 0, -r, r * 0.85, -r * 0.55, 0, -r, -r * 0.85].map(short).join(" ");
  // The triangle points to the right; headings are ordered left, down, right, up.
  const turn = [180, 90, 0, 270][heading];
  return `<polygon transform="translate(${x} ${y}) rotate(${turn})" points="${points}" ${paint}/>`;
}
