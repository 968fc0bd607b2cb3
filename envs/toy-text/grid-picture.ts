/** @file Pictures of games on a board of cells, as text and as SVG. */

/** One cell of the board. */
export interface Tile {
  fill: string;
  label?: string;
}

const SIDE = 48;

/** The rows of a map as text, with `@` in one cell. */
export function boardText(rows: readonly string[], cell: number): string {
  const columns = rows[0].length;
  const at = Math.floor(cell / columns);
  return rows
    .map((row, i) => (i === at ? `${row.slice(0, cell % columns)}@${row.slice((cell % columns) + 1)}` : row))
    .join("\n");
}

/** The centre of a cell in a board picture (px). */
export const centreOf = (cell: number, columns: number): [number, number] => [
  ((cell % columns) + 0.5) * SIDE,
  (Math.floor(cell / columns) + 0.5) * SIDE,
];

/** A disc for the agent, with its centre in pixels. */
export function piece([x, y]: readonly [number, number], fill: string): string {
  return `<circle cx="${x}" cy="${y}" r="14" fill="${fill}" stroke="#ffffff" stroke-width="3"/>`;
}

/** An SVG of the tiles in reading order, with the elements `above` drawn over them and a caption below. */
export function boardPicture(
  tiles: readonly Tile[],
  columns: number,
  above: readonly string[],
  caption = "",
): string {
  const [width, board] = [columns * SIDE, (tiles.length / columns) * SIDE];
  const height = board + (caption ? 32 : 0);
  const squares = tiles.map(({ fill, label }, cell) => {
    const [x, y] = centreOf(cell, columns);
    const corner = `x="${x - SIDE / 2}" y="${y - SIDE / 2}" width="${SIDE}" height="${SIDE}"`;
    const square = `<rect ${corner} fill="${fill}" stroke="#d0d7de"/>`;
    return label
      ? `${square}<text x="${x}" y="${y + 6}" text-anchor="middle" fill="#57606a">${label}</text>`
      : square;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="17">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...squares,
    ...above,
    ...(caption ? [`<text x="8" y="${board + 22}" fill="#24292f">${caption}</text>`] : []),
    "</svg>",
  ].join("\n");
}
