/**
 * @file MacroCells-v0: the gridworlds of [Abbeel & Ng 2004, §5.1]. There are 128 × 128 cells in 64 macro-cells of
 * 16 × 16, one indicator feature per macro-cell, and a linear reward with sparse random weights. Each weight is 0 with
 * probability 0.9, else uniform on [0, 1]; the weights are then scaled to sum to 1. Draws with fewer than two nonzero
 * weights are rejected. Moves fail with probability 0.3, γ is 0.99, and starts are uniform.
 */

import * as z from "zod";
import { count, fraction, resolveOptions } from "../../src/config/options.js";
import { UsageError } from "../../src/errors.js";
import { createRng, type Rng } from "../../src/random/rng.js";
import { gridEnvironment, type TabularGrid } from "./environment.js";
import { requireCells } from "./layout.js";
import { horizon, noise, seed } from "./options.js";

const ID = "MacroCells-v0";

export const macroCellsOptions = z.strictObject({
  size: count().default(128).describe("rows and columns of the grid, in cells"),
  macro: count().default(16).describe("rows and columns of a macro-cell, in cells"),
  rewardSeed: seed().default(0).describe("seed of the random weights"),
  density: fraction().default(0.1).describe("probability that the weight of a macro-cell is not 0"),
  weights: z
    .array(z.number())
    .optional()
    .describe("weight of each macro-cell, in reading order; unset: random weights"),
  ...noise({ failure: 0.3 }),
  ...horizon(0.99, 300),
});

/** The features of a state are as many numbers as there are macro-cells. */
const MOST_MACRO_CELLS = 4096;

/**
 * The grid of macro-cells. Actions: 0 left, 1 down, 2 right, 3 up. Observations are state indices. The reward of a step
 * is the weight of the macro-cell in which it ends; episodes end only at the time limit. `grid.features` `[states][k]`
 * holds the indicator features, and `grid.weights` `[k]` the true weights.
 *
 * @throws {UsageError} when macro-cells do not tile the grid or are too many, the number of weights is not that of
 *   macro-cells, or draws at the given density give too few weights.
 */
export function macroCells(options: z.input<typeof macroCellsOptions> = {}): TabularGrid {
  const { size, macro, rewardSeed, density, weights, ...rules } = resolveOptions(
    ID,
    macroCellsOptions,
    options,
  );
  if (size % macro !== 0) {
    throw new UsageError(`${ID}: macro-cells of ${macro} × ${macro} do not tile a grid of ${size} × ${size}`);
  }
  requireCells(ID, size, size);
  const across = size / macro;
  const k = across * across;
  if (k > MOST_MACRO_CELLS) {
    throw new UsageError(
      `${ID}: option "macro" at ${macro} makes ${k} macro-cells, with a feature each; at most ${MOST_MACRO_CELLS}`,
    );
  }
  if (weights && weights.length !== k) {
    throw new UsageError(`${ID}: option "weights" has ${weights.length} numbers for ${k} macro-cells`);
  }
  if (!weights && (k < 2 || density === 0)) {
    throw new UsageError(
      `${ID}: random weights need at least 2 macro-cells and a density above 0, not ${k} and ${density}; ` +
        'or give "weights"',
    );
  }
  const indicators = Array.from({ length: k }, (_, i) =>
    Array.from({ length: k }, (_, j) => Number(i === j)),
  );
  const macroOf = (cell: number) =>
    Math.floor(cell / size / macro) * across + Math.floor((cell % size) / macro);
  return gridEnvironment(ID, {
    ...rules,
    layout: new Array<string>(size).fill(".".repeat(size)),
    startAnywhere: true,
    features: Array.from({ length: size * size }, (_, cell) => indicators[macroOf(cell)]),
    featureWeights: weights ?? sparseWeights(k, density, createRng(rewardSeed).stream("weights")),
    stepReward: 0,
    goalReward: 0,
    lavaReward: 0,
    goalTerminal: true,
    lavaTerminal: true,
  });
}

/** Largest number of draws of weights. */
const ATTEMPTS = 10_000;

/** Random weights `[k]` that sum to 1, at least two of them nonzero. */
function sparseWeights(k: number, density: number, rng: Rng): number[] {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const weights = Array.from({ length: k }, () => (rng.uniform() < density ? rng.uniform() : 0));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    if (weights.filter((weight) => weight > 0).length >= 2) return weights.map((weight) => weight / sum);
  }
  throw new UsageError(
    `${ID}: with option "density" at ${density}, none of ${ATTEMPTS} draws of ${k} weights had two that are not 0: ` +
      'raise it, or give "weights"',
  );
}
