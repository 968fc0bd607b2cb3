/** @file Maps of the frozen lake: the two published ones, checks of given maps, and random maps that can be crossed. */

import { UsageError } from "../../src/errors.js";
import { createRng } from "../../src/random/rng.js";

/** The maps of Gymnasium: `S` start, `F` ice, `H` hole, `G` goal. */
export const LAKES = {
  "4x4": ["SFFF", "FHFH", "FFFH", "HFFG"],
  "8x8": ["SFFFFFFF", "FFFFFFFF", "FFFHFFFF", "FFFFFHFF", "FFFHFFFF", "FHHFFFHF", "FHFFHFHF", "FFFHFFFG"],
};

export interface RandomLakeOptions {
  /** Number of rows and of columns. */
  size?: number;
  /** Probability that a cell is ice rather than a hole. */
  frozenProbability?: number;
  seed?: number | string;
}

/** Largest number of maps drawn. At an ice probability of 0.3, one in a hundred small maps can be crossed. */
const ATTEMPTS = 10_000;
/** Largest number of cells drawn in all maps, and in one. */
const CELLS = 1e7;
const MOST_CELLS = 2 ** 20;

/**
 * A random square map with the start in the top left corner, the goal in the bottom right one and a path between them.
 * Like Gymnasium's `generate_random_map` it draws all cells independently, and repeats this until there is a path.
 *
 * @throws {UsageError} when none of ten thousand maps, or of fewer large ones, has a path.
 */
export function randomLake({
  size = 8,
  frozenProbability = 0.8,
  seed = 0,
}: RandomLakeOptions = {}): string[] {
  if (!(size * size <= MOST_CELLS)) {
    throw new UsageError(
      `option "size": a lake of ${size} × ${size} has ${size * size} cells; at most ${MOST_CELLS} are possible`,
    );
  }
  const rng = createRng(seed).stream("lake");
  const attempts = Math.min(ATTEMPTS, Math.ceil(CELLS / (size * size)));
  for (let attempt = 0; attempt < attempts; attempt++) {
    const cells: string[] = Array.from({ length: size * size }, () =>
      rng.uniform() < frozenProbability ? "F" : "H",
    );
    cells[0] = "S";
    cells[size * size - 1] = "G";
    if (!canBeCrossed(cells, size)) continue;
    return Array.from({ length: size }, (_, row) => cells.slice(row * size, (row + 1) * size).join(""));
  }
  throw new UsageError(
    `none of ${attempts} lakes of ${size} × ${size} cells with ice at probability ${frozenProbability} can be crossed: ` +
      'lower option "size" or raise "frozenProbability"',
  );
}

function canBeCrossed(cells: readonly string[], size: number): boolean {
  const seen = new Set([0]);
  // Breadth-first search: iteration over a Set includes entries that are added during the iteration.
  for (const cell of seen) {
    if (cells[cell] === "G") return true;
    for (let move = 0; move < 4; move++) {
      const next = neighbour(cell, move, size, size);
      if (cells[next] !== "H") seen.add(next);
    }
  }
  return false;
}

/** The cell to the left, below, to the right or above (moves 0 to 3), or the same cell at the border. */
export function neighbour(cell: number, move: number, rows: number, columns: number): number {
  const [row, column] = [Math.floor(cell / columns), cell % columns];
  if (move === 0) return column > 0 ? cell - 1 : cell;
  if (move === 1) return row < rows - 1 ? cell + columns : cell;
  if (move === 2) return column < columns - 1 ? cell + 1 : cell;
  return row > 0 ? cell - columns : cell;
}

/** @throws {UsageError} unless the map is a rectangle of the letters S, F, H and G with a start. */
export function checkLake(id: string, layout: readonly string[]): void {
  const columns = layout[0]?.length ?? 0;
  if (columns === 0) throw new UsageError(`${id}: the layout is empty`);
  for (const [row, line] of layout.entries()) {
    if (line.length !== columns) {
      throw new UsageError(`${id}: layout row ${row} has ${line.length} cells, but row 0 has ${columns}`);
    }
    const column = [...line].findIndex((letter) => !"SFHG".includes(letter));
    if (column < 0) continue;
    throw new UsageError(
      `${id}: layout row ${row} column ${column} is "${line[column]}", not one of S start, F ice, H hole, G goal`,
    );
  }
  if (!layout.some((line) => line.includes("S"))) throw new UsageError(`${id}: the layout has no start "S"`);
}
