/** @file Maps of gridworlds as text: symbols, checks, and random maps that can be solved. */

import { UsageError } from "../../src/errors.js";
import type { Rng } from "../../src/random/rng.js";

/** Symbols: `#` wall, `.` floor, `S` start, `G` goal, `L` lava, `<v>^` currents, `a`–`f` keys, `A`–`F` their doors. */
const SYMBOLS = "#.SGL<v>^abcdefABCDEF";

/** Moves in the order of the actions: left, down, right, up. A turn to the left adds 1 (modulo 4). */
export const MOVES = [
  { row: 0, column: -1 },
  { row: 1, column: 0 },
  { row: 0, column: 1 },
  { row: -1, column: 0 },
] as const;

/** The move of the current in a cell, or −1 if there is none. */
export const currentOf = (symbol: string): number => "<v>^".indexOf(symbol);

/** The number of the key in a cell, or −1 if there is none. */
export const keyOf = (symbol: string): number => "abcdef".indexOf(symbol);

/** The number of the key that opens the door of a cell, or −1 if there is no door. */
export const doorOf = (symbol: string): number => "ABCDEF".indexOf(symbol);

/** The cell that a move leads to, or −1 off the grid. */
export function neighbour(cell: number, move: number, rows: number, columns: number): number {
  const row = Math.floor(cell / columns) + MOVES[move].row;
  const column = (cell % columns) + MOVES[move].column;
  const onGrid = row >= 0 && row < rows && column >= 0 && column < columns;
  return onGrid ? row * columns + column : -1;
}

/** The largest number of cells of a map. */
const MOST_CELLS = 2 ** 22;

/** @throws {UsageError} when a map of these numbers of rows and columns would have too many cells */
export function requireCells(id: string, rows: number, columns: number): void {
  if (rows * columns <= MOST_CELLS) return;
  throw new UsageError(
    `${id}: a map of ${rows} × ${columns} has ${rows * columns} cells; at most ${MOST_CELLS} are possible`,
  );
}

/** @throws {UsageError} when the map is not a rectangle of known symbols, or has no start cell. */
export function checkLayout(id: string, layout: readonly string[], { startAnywhere = false } = {}): void {
  const columns = layout[0]?.length ?? 0;
  if (columns === 0) throw new UsageError(`${id}: the layout is empty`);
  for (const [row, line] of layout.entries()) {
    if (line.length !== columns) {
      throw new UsageError(`${id}: layout row ${row} has ${line.length} cells, but row 0 has ${columns}`);
    }
    for (const [column, symbol] of [...line].entries()) {
      if (SYMBOLS.includes(symbol)) continue;
      const known = [...SYMBOLS].join(" ");
      throw new UsageError(
        `${id}: layout row ${row} column ${column} is "${symbol}"; known symbols: ${known}`,
      );
    }
  }
  const symbol = startAnywhere ? "." : "S";
  if (layout.some((line) => line.includes("S") || line.includes(symbol))) return;
  throw new UsageError(`${id}: the layout has no ${startAnywhere ? 'floor "."' : 'start "S"'}`);
}

/**
 * A random map with the start in the top left corner and the goal in the bottom right one. Every other cell is a wall or
 * lava with the given probabilities. Then obstacles are removed in random order until the goal can be reached.
 */
export function randomLayout(
  rows: number,
  columns: number,
  { wallDensity, lavaDensity }: { wallDensity: number; lavaDensity: number },
  rng: Rng,
): string[] {
  const last = rows * columns - 1;
  const cells = Array.from({ length: rows * columns }, (_, cell) => {
    const u = rng.uniform();
    if (cell === 0) return "S";
    if (cell === last) return "G";
    return u < wallDensity ? "#" : u < wallDensity + lavaDensity ? "L" : ".";
  });
  const obstacles = rng.shuffle(
    cells.flatMap((symbol, cell) => (symbol === "#" || symbol === "L" ? [cell] : [])),
  );
  /** The cells without the last `count` obstacles. */
  const without = (count: number) => {
    const freed = cells.slice();
    for (let i = 0; i < count; i++) freed[obstacles[obstacles.length - 1 - i]] = ".";
    return freed;
  };
  // More removals never close a path, so the smallest sufficient number is found by bisection.
  let [fewest, most] = [0, obstacles.length];
  while (fewest < most) {
    const middle = (fewest + most) >> 1;
    if (reaches(without(middle), rows, columns, 0, last)) most = middle;
    else fewest = middle + 1;
  }
  const solvable = without(fewest);
  return Array.from({ length: rows }, (_, row) =>
    solvable.slice(row * columns, (row + 1) * columns).join(""),
  );
}

/** Whether a path that avoids walls and lava leads from one cell to another. */
function reaches(cells: readonly string[], rows: number, columns: number, from: number, to: number): boolean {
  const seen = new Set([from]);
  // Breadth-first search: iteration over a Set includes entries that are added during the iteration.
  for (const cell of seen) {
    if (cell === to) return true;
    for (let move = 0; move < 4; move++) {
      const next = neighbour(cell, move, rows, columns);
      if (next >= 0 && cells[next] !== "#" && cells[next] !== "L") seen.add(next);
    }
  }
  return false;
}

/**
 * A perfect maze of `rows × columns` rooms of one cell each. Between neighbouring rooms lies a wall cell or a gap, and
 * the border is wall: (2 rows + 1) × (2 columns + 1) cells. A random depth-first walk opens a gap to each room that it
 * visits for the first time. The gaps form a spanning tree, so exactly one path joins any two rooms.
 */
export function mazeLayout(rows: number, columns: number, rng: Rng): string[] {
  const map = Array.from({ length: 2 * rows + 1 }, () => new Array<string>(2 * columns + 1).fill("#"));
  const open = (room: number) => {
    map[2 * Math.floor(room / columns) + 1][2 * (room % columns) + 1] = ".";
  };
  const path = [0];
  const visited = new Set(path);
  open(0);
  while (path.length > 0) {
    const room = path[path.length - 1];
    const ways = [0, 1, 2, 3].filter((move) => {
      const next = neighbour(room, move, rows, columns);
      return next >= 0 && !visited.has(next);
    });
    if (ways.length === 0) {
      path.pop();
      continue;
    }
    const move = ways[rng.integer(ways.length)];
    const next = neighbour(room, move, rows, columns);
    const [row, column] = [Math.floor(room / columns), room % columns];
    map[2 * row + 1 + MOVES[move].row][2 * column + 1 + MOVES[move].column] = ".";
    open(next);
    visited.add(next);
    path.push(next);
  }
  map[1][1] = "S";
  map[2 * rows - 1][2 * columns - 1] = "G";
  return map.map((line) => line.join(""));
}
