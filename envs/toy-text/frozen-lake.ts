/**
 * @file FrozenLake-v1 and FrozenLake8x8-v1: cross a frozen lake without falling into a hole. Maps, probabilities and
 * options are those of FrozenLake-v1 in Gymnasium 1.3.
 */

import * as z from "zod";
import { fraction, resolveOptions } from "../../src/config/options.js";
import type { TabularEnvironment, TabularModel } from "../../src/env/contracts.js";
import { tabularEnvironment } from "../../src/env/tabular-environment.js";
import { tabularModel } from "../../src/mdp/index.js";
import { modelDiscount, optionalStepLimit } from "../options.js";
import { boardPicture, boardText, centreOf, piece } from "./grid-picture.js";
import { checkLake, LAKES, neighbour, randomLake } from "./lake-map.js";

const ID = "FrozenLake-v1";
const ID_8X8 = "FrozenLake8x8-v1";
/** Letters in the order of the reward schedule. */
const SCHEDULE = "GHF";

const maps = z
  .enum(["4x4", "8x8", "random"])
  .describe("one of the two published maps, or a random map that can be crossed");

export const frozenLakeOptions = z.strictObject({
  map: maps.default("4x4"),
  layout: z
    .array(z.string())
    .min(1)
    .optional()
    .describe("map as one string per row: S start, F ice, H hole, G goal; unset: `map`"),
  size: z.int().min(2).default(8).describe("rows and columns of a random map"),
  frozenProbability: fraction()
    .default(0.8)
    .describe("probability that a cell of a random map is ice rather than a hole"),
  layoutSeed: z.union([z.number(), z.string()]).default(0).describe("seed of a random map"),
  slippery: z
    .boolean()
    .default(true)
    .describe("whether a move may be turned by 90° to the left or to the right"),
  successRate: fraction()
    .default(1 / 3)
    .describe("probability that a move on a slippery lake is not turned; left and right share the rest"),
  rewardSchedule: z
    .tuple([z.number(), z.number(), z.number()])
    .default([1, 0, 0])
    .describe("rewards of a step that ends on a goal, in a hole and on ice"),
  discount: modelDiscount(),
  maxEpisodeSteps: optionalStepLimit("100 on maps of up to 16 cells, 200 on larger ones"),
});

/** Options of FrozenLake8x8-v1: those of FrozenLake-v1, with `map` 8x8 by default. */
export const frozenLake8x8Options = frozenLakeOptions.extend({
  map: maps.default("8x8"),
});

/**
 * The lake. Actions: 0 left, 1 down, 2 right, 3 up. Observations are cells, row × columns + column. Reward 1 at the goal;
 * holes and the goal end the episode. `info.prob` is the probability of the executed move.
 *
 * @throws {UsageError} for options or maps that are not valid.
 */
export function frozenLake(options: z.input<typeof frozenLakeOptions> = {}): TabularEnvironment<number> {
  return lake(ID, resolveOptions(ID, frozenLakeOptions, options));
}

/** {@link frozenLake} under the id FrozenLake8x8-v1. */
export function frozenLake8x8(
  options: z.input<typeof frozenLake8x8Options> = {},
): TabularEnvironment<number> {
  return lake(ID_8X8, resolveOptions(ID_8X8, frozenLake8x8Options, options));
}

function lake(id: string, options: z.output<typeof frozenLakeOptions>): TabularEnvironment<number> {
  const layout = layoutOf(options);
  checkLake(id, layout);
  const columns = layout[0].length;
  const tiles = [...layout.join("")].map((letter) => TILES[letter]);
  return tabularEnvironment(id, lakeModel(layout, options), {
    maxEpisodeSteps: options.maxEpisodeSteps ?? (tiles.length <= 16 ? 100 : 200),
    info: (_, prob) => ({ prob }),
    render: (cell) => boardText(layout, cell),
    renderSvg: (cell) => boardPicture(tiles, columns, [piece(centreOf(cell, columns), "#bc4c00")]),
  });
}

function layoutOf({ map, layout, size, frozenProbability, layoutSeed }: z.output<typeof frozenLakeOptions>) {
  if (layout) return layout;
  return map === "random" ? randomLake({ size, frozenProbability, seed: layoutSeed }) : LAKES[map];
}

const TILES: Record<string, { fill: string; label?: string }> = {
  S: { fill: "#ddf4ff", label: "S" },
  F: { fill: "#f6fbff" },
  H: { fill: "#54aeff" },
  G: { fill: "#aceebb", label: "G" },
};

function lakeModel(layout: readonly string[], options: z.output<typeof frozenLakeOptions>): TabularModel {
  const { slippery, successRate, rewardSchedule, discount } = options;
  const letters = [...layout.join("")];
  const cells = [...letters.keys()];
  const [rows, columns] = [layout.length, layout[0].length];
  const starts = cells.filter((cell) => letters[cell] === "S");
  const reward = (cell: number) =>
    rewardSchedule[Math.max(0, SCHEDULE.indexOf(letters[cell].replace("S", "F")))];
  const sideways = (1 - successRate) / 2;
  return tabularModel({
    states: cells.length,
    actions: 4,
    transitions: (cell, move) => {
      const turns = slippery ? [3, 0, 1] : [0];
      return turns.map((turn) => {
        const next = neighbour(cell, (move + turn) % 4, rows, columns);
        const probability = slippery ? (turn === 0 ? successRate : sideways) : 1;
        return { next, probability, reward: reward(next) };
      });
    },
    initial: cells.map((cell) => (letters[cell] === "S" ? 1 / starts.length : 0)),
    terminal: cells.filter((cell) => letters[cell] === "H" || letters[cell] === "G"),
    discount,
    grid: {
      rows,
      columns,
      cells: Int32Array.from(cells),
      walls: new Uint8Array(cells.length),
      labels: letters.map((letter) => (letter === "F" ? "" : letter)),
    },
  });
}
