/** @file The town of the taxi: its map, the numbering of the states, and pictures. */

import { boardPicture, centreOf, piece } from "./grid-picture.js";

/** The map: a colon between two cells is open, a bar is a wall. */
const TOWN = ["|R: | : :G|", "| : | : : |", "| : : : : |", "| | : | : |", "|Y| : |B: |"];
const SIDE = 5;
const NAMES = ["R", "G", "Y", "B"];
const COLOURS = ["#ffcecb", "#aceebb", "#fae17d", "#b6e3ff"];

export const STATES = 500;
/** The passenger's place when aboard the taxi. */
export const ABOARD = 4;
/** Cells (row × 5 + column) of the red, green, yellow and blue stop. */
export const STOPS = [0, 4, 20, 23];

export const encode = (cell: number, passenger: number, destination: number): number =>
  (cell * 5 + passenger) * 4 + destination;

/** The taxi's cell, the passenger's stop (or {@link ABOARD}), and the destination of the passenger. */
export const decode = (state: number) => ({
  cell: Math.floor(state / 20),
  passenger: Math.floor(state / 4) % 5,
  destination: state % 4,
});

/** The cell to the south, north, east or west (moves 0 to 3), or the same cell if a wall blocks the move. */
export function neighbour(cell: number, move: number): number {
  const [row, column] = [Math.floor(cell / SIDE), cell % SIDE];
  if (move === 0) return row < SIDE - 1 ? cell + SIDE : cell;
  if (move === 1) return row > 0 ? cell - SIDE : cell;
  const isOpen = TOWN[row][2 * column + (move === 2 ? 2 : 0)] === ":";
  return isOpen ? cell + (move === 2 ? 1 : -1) : cell;
}

/** `[6]`: 1 for actions that change the state, else 0. */
export function actionMask(state: number): Int8Array {
  const { cell, passenger } = decode(state);
  const moves = [0, 1, 2, 3].map((move) => Number(neighbour(cell, move) !== cell));
  const here = STOPS.indexOf(cell);
  return Int8Array.from([
    ...moves,
    Number(passenger !== ABOARD && passenger === here),
    Number(passenger === ABOARD && here >= 0),
  ]);
}

const wish = (state: number): string => {
  const { passenger, destination } = decode(state);
  const where = passenger === ABOARD ? "aboard" : `at ${NAMES[passenger]}`;
  return `passenger ${where}, wants to go to ${NAMES[destination]}`;
};

/** Text picture: the town with the taxi as `@`, and the place and destination of the passenger. */
export function taxiText(state: number): string {
  const { cell } = decode(state);
  const rows = TOWN.map((line, row) => {
    if (row !== Math.floor(cell / SIDE)) return line;
    const at = 2 * (cell % SIDE) + 1;
    return `${line.slice(0, at)}@${line.slice(at + 1)}`;
  });
  return ["+---------+", ...rows, "+---------+", wish(state)].join("\n");
}

export function taxiPicture(state: number): string {
  const { cell, passenger } = decode(state);
  const tiles = Array.from({ length: SIDE * SIDE }, (_, at) => {
    const stop = STOPS.indexOf(at);
    return stop < 0 ? { fill: "#f6f8fa" } : { fill: COLOURS[stop], label: NAMES[stop] };
  });
  const walls = tiles.flatMap((_, at) => {
    const column = at % SIDE;
    if (column === SIDE - 1 || TOWN[Math.floor(at / SIDE)][2 * column + 2] === ":") return [];
    const [x, y] = centreOf(at, SIDE);
    return [`<path d="M${x + 24} ${y - 24}v48" stroke="#24292f" stroke-width="5"/>`];
  });
  const [x, y] = centreOf(cell, SIDE);
  const taxi = `<rect x="${x - 17}" y="${y - 11}" width="34" height="22" rx="6" fill="#9a6700" stroke="#ffffff" stroke-width="2"/>`;
  const [px, py] = passenger === ABOARD ? [x, y] : centreOf(STOPS[passenger], SIDE);
  const rider = passenger === ABOARD ? [px, py] : [px + 13, py - 13];
  return boardPicture(
    tiles,
    SIDE,
    [
      ...walls,
      taxi,
      `<g transform="translate(${rider[0]} ${rider[1]}) scale(0.5)">${piece([0, 0], "#8250df")}</g>`,
    ],
    wish(state).replace("wants to go to", "to"),
  );
}
