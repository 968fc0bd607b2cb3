/** @file Maps of gridworlds as text: reading them, and drawing random ones that can be solved. */

import { UsageError } from "../../src/errors.js";
import type { Rng } from "../../src/random/rng.js";

/** `#` wall, `.` floor, `S` start, `G` goal, `L` lava, and currents that carry the agent along. */
const SYMBOLS = "#.SGL<v>^";

/** Moves in the order of the actions: left, down, right, up; a turn is ±1. */
export const MOVES = [
  { row: 0, column: -1 },
  { row: 1, column: 0 },
  { row: 0, column: 1 },
  { row: -1, column: 0 },
] as const;

/** The move that the current of a cell makes, or −1 where there is none. */
export const currentOf = (symbol: string): number => "<v>^".indexOf(symbol);

/** @throws {UsageError} when the map is not a rectangle of known symbols with a start. */
export function checkLayout(id: string, layout: readonly string[]): void {
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
  if (!layout.some((line) => line.includes("S"))) throw new UsageError(`${id}: the layout has no start "S"`);
}

/**
 * A map with the start in the top left corner and the goal in the bottom right one. Every other cell is a wall or lava
 * with the given probabilities; then obstacles are cleared in random order until the goal can be reached.
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
  while (!reaches(cells, columns, 0, last)) cells[obstacles.pop()!] = ".";
  return Array.from({ length: rows }, (_, row) => cells.slice(row * columns, (row + 1) * columns).join(""));
}

/** Whether a path that avoids walls and lava leads from one cell to another. */
function reaches(cells: readonly string[], columns: number, from: number, to: number): boolean {
  const seen = new Set([from]);
  // A set yields what is added while it is walked: a breadth-first search.
  for (const cell of seen) {
    if (cell === to) return true;
    for (const move of MOVES) {
      const column = (cell % columns) + move.column;
      const next = cell + move.row * columns + move.column;
      const onGrid = column >= 0 && column < columns && next >= 0 && next < cells.length;
      if (onGrid && cells[next] !== "#" && cells[next] !== "L") seen.add(next);
    }
  }
  return false;
}
