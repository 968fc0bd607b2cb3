/**
 * @file CliffWalking-v1 and CliffWalkingSlippery-v1: walk along the edge of a cliff [Sutton & Barto 2018, example 6.6].
 * States, actions, rewards and slips are those of Gymnasium 1.3.
 */

import * as z from "zod";
import { resolveOptions } from "../../src/config/options.js";
import type { TabularEnvironment, TabularModel } from "../../src/env/contracts.js";
import { tabularEnvironment } from "../../src/env/tabular-environment.js";
import { tabularModel } from "../../src/mdp/index.js";
import { modelDiscount, optionalStepLimit } from "../options.js";
import { boardPicture, boardText, centreOf, piece } from "./grid-picture.js";

const ID = "CliffWalking-v1";
const SLIPPERY_ID = "CliffWalkingSlippery-v1";
const ROWS = 4;
const COLUMNS = 12;
const START = 36;
const GOAL = 47;
const BOARD = ["............", "............", "............", "SCCCCCCCCCCG"];

export const cliffWalkingOptions = z.strictObject({
  slippery: z
    .boolean()
    .default(false)
    .describe("whether a move is turned by 90° to the left or to the right, with probability 1/3 each"),
  discount: modelDiscount(),
  maxEpisodeSteps: optionalStepLimit("no limit"),
});

/** Options of CliffWalkingSlippery-v1: those of CliffWalking-v1, with `slippery` true by default. */
export const cliffWalkingSlipperyOptions = cliffWalkingOptions.extend({
  slippery: z
    .boolean()
    .default(true)
    .describe("whether a move is turned by 90° to the left or to the right, with probability 1/3 each"),
});

/**
 * The cliff. Actions: 0 up, 1 right, 2 down, 3 left. Observations are cells, row × 12 + column. Reward −1 per step; a
 * step into the cliff has reward −100 and leads back to the start. Only the goal ends the episode. `info.prob` is the
 * probability of the executed move.
 *
 * @throws {UsageError} for options that are not valid.
 */
export function cliffWalking(options: z.input<typeof cliffWalkingOptions> = {}): TabularEnvironment<number> {
  return cliff(ID, resolveOptions(ID, cliffWalkingOptions, options));
}

/** {@link cliffWalking} under the id CliffWalkingSlippery-v1. */
export function cliffWalkingSlippery(
  options: z.input<typeof cliffWalkingSlipperyOptions> = {},
): TabularEnvironment<number> {
  return cliff(SLIPPERY_ID, resolveOptions(SLIPPERY_ID, cliffWalkingSlipperyOptions, options));
}

function cliff(id: string, options: z.output<typeof cliffWalkingOptions>): TabularEnvironment<number> {
  const tiles = [...BOARD.join("")].map((letter) => TILES[letter]);
  return tabularEnvironment(id, cliffModel(options), {
    maxEpisodeSteps: options.maxEpisodeSteps,
    info: (_, prob) => ({ prob }),
    render: (cell) => boardText(BOARD, cell),
    renderSvg: (cell) => boardPicture(tiles, COLUMNS, [piece(centreOf(cell, COLUMNS), "#0969da")]),
  });
}

const TILES: Record<string, { fill: string; label?: string }> = {
  ".": { fill: "#f6f8fa" },
  C: { fill: "#6e5c4c" },
  S: { fill: "#ddf4ff", label: "S" },
  G: { fill: "#aceebb", label: "G" },
};

const clamp = (x: number, below: number) => Math.max(0, Math.min(below - 1, x));

/** The cell above, to the right, below or to the left (moves 0 to 3), or the same cell at the border. */
function neighbour(cell: number, move: number): number {
  const row = clamp(Math.floor(cell / COLUMNS) + [-1, 0, 1, 0][move], ROWS);
  const column = clamp((cell % COLUMNS) + [0, 1, 0, -1][move], COLUMNS);
  return row * COLUMNS + column;
}

function cliffModel({ slippery, discount }: z.output<typeof cliffWalkingOptions>): TabularModel {
  const letters = [...BOARD.join("")];
  const turns = slippery ? [3, 0, 1] : [0];
  return tabularModel({
    states: ROWS * COLUMNS,
    actions: 4,
    transitions: (cell, move) =>
      turns.map((turn) => {
        const to = neighbour(cell, (move + turn) % 4);
        const fell = letters[to] === "C";
        return { next: fell ? START : to, probability: 1 / turns.length, reward: fell ? -100 : -1 };
      }),
    initial: START,
    terminal: [GOAL],
    discount,
    grid: {
      rows: ROWS,
      columns: COLUMNS,
      cells: Int32Array.from(letters.keys()),
      walls: new Uint8Array(letters.length),
      labels: letters.map((letter) => (letter === "." ? "" : letter)),
    },
  });
}
