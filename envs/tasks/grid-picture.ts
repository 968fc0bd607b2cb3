/** @file Draws a square grid with goals, the agent and a path as SVG. */

/** Colours of the goals, by cluster. */
export const CLUSTER_COLOURS = ["#1a7f37", "#0969da", "#8250df", "#bf3989"];

export interface GridScene {
  /** The agent's cell: row × size + column. */
  at?: number;
  /** The cells of goals, by cluster. */
  goals?: readonly (readonly number[])[];
  /** Cells of the path, in order. */
  path?: readonly number[];
}

/** Side of a cell (px). */
const CELL = 40;

/** An SVG of a grid with size × size cells. */
export function gridPicture(size: number, { at, goals = [], path = [] }: GridScene): string {
  const side = CELL * size;
  const middle = (cell: number) => [CELL * ((cell % size) + 0.5), CELL * (Math.floor(cell / size) + 0.5)];
  const square = (cell: number, fill: string) => {
    const [x, y] = middle(cell).map((centre) => centre - CELL / 2);
    return `<rect x="${x}" y="${y}" width="${CELL}" height="${CELL}" fill="${fill}" fill-opacity="0.45"/>`;
  };
  const squares = goals.flatMap((cells, cluster) =>
    cells.map((cell) => square(cell, CLUSTER_COLOURS[cluster % CLUSTER_COLOURS.length])),
  );
  const lines = Array.from({ length: size + 1 }, (_, k) => `M${CELL * k} 0V${side}M0 ${CELL * k}H${side}`);
  const points = path.map((cell) => middle(cell).join(",")).join(" ");
  const agent = at === undefined ? [] : middle(at);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${side + 2}" height="${side + 2}" ` +
      `viewBox="-1 -1 ${side + 2} ${side + 2}">`,
    `<rect x="-1" y="-1" width="${side + 2}" height="${side + 2}" fill="#ffffff"/>`,
    ...squares,
    `<path d="${lines.join("")}" stroke="#8c959f" fill="none"/>`,
    path.length > 0 ? `<polyline points="${points}" stroke="#24292f" stroke-width="2" fill="none"/>` : "",
    at === undefined ? "" : `<circle cx="${agent[0]}" cy="${agent[1]}" r="${CELL / 4}" fill="#24292f"/>`,
    "</svg>",
  ]
    .filter((line) => line !== "")
    .join("\n");
}
