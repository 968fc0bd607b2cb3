/**
 * @file DeepSea-v0: sink through an N × N sea, one row per step. The treasure in the last column is reached only by N
 * moves to the right, each of which has a small cost [Osband et al. 2019]. The constants are those of bsuite
 * [Osband et al. 2020], whose windy form also adds noise to the rewards.
 *
 * The action that moves right is drawn separately for each cell. A uniformly random policy moves right N times with
 * probability 2^−N, so random exploration takes 2^N episodes in expectation. An ε-greedy policy that has learnt the cost
 * of moving right takes (2/ε)^N episodes; directed exploration of untried actions needs about N² / 2.
 */

import * as z from "zod";
import { nonNegative, resolveOptions } from "../../src/config/options.js";
import { requireModelSize } from "../../src/env/check-model.js";
import type { TabularEnvironment } from "../../src/env/contracts.js";
import { tabularEnvironment } from "../../src/env/tabular-environment.js";
import { type Outcome, tabularModel } from "../../src/mdp/index.js";
import { createRng } from "../../src/random/rng.js";
import { modelDiscount, optionalStepLimit } from "../options.js";
import { inARow, instance } from "./options.js";

const ID = "DeepSea-v0";

export const deepSeaOptions = z.strictObject({
  size: z.int().min(2).default(10).describe("rows and columns N of the sea; an episode has N steps"),
  moveCost: nonNegative().default(0.01).describe("total cost of N moves to the right"),
  windy: z.boolean().default(false).describe("whether a move to the right fails with probability 1 / N"),
  seed: instance(),
  discount: modelDiscount(),
  maxEpisodeSteps: optionalStepLimit("the episode ends after N steps"),
});

/**
 * The sea. Observations are cells, row × N + column, and N² at the end. In each cell one of the two actions moves right
 * and the other left; `seed` determines which. Reward 1 for moving right in the last cell of the last row, and
 * −moveCost / N for every move to the right. The optimal undiscounted return is 1 − moveCost, and with `windy`
 * q^(N−1) − moveCost (1 − q^N) for q = 1 − 1/N.
 *
 * @throws {UsageError} for options that are not valid.
 */
export function deepSea(options: z.input<typeof deepSeaOptions> = {}): TabularEnvironment<number> {
  const { size, moveCost, windy, seed, maxEpisodeSteps, ...rest } = resolveOptions(
    ID,
    deepSeaOptions,
    options,
  );
  const end = size * size;
  requireModelSize(ID, end + 1, 2);
  const rng = createRng(seed).stream("right");
  const right = Array.from({ length: end }, () => rng.integer(2));

  const transitions = (cell: number, action: number): Outcome[] => {
    const row = Math.floor(cell / size);
    const column = cell % size;
    const below = (newColumn: number) =>
      row === size - 1 ? end : (row + 1) * size + Math.min(size - 1, Math.max(0, newColumn));
    if (action !== right[cell]) return [{ next: below(column - 1), probability: 1 }];
    const treasure = row === size - 1 && column === size - 1 ? 1 : 0;
    const reward = treasure - moveCost / size;
    const failure = windy ? 1 / size : 0;
    return [
      { next: below(column + 1), probability: 1 - failure, reward },
      { next: below(column), probability: failure, reward },
    ];
  };
  const model = tabularModel({
    ...rest,
    states: end + 1,
    actions: 2,
    transitions,
    initial: 0,
    terminal: [end],
  });
  const render = (state: number) =>
    Array.from({ length: size }, (_, row) => inARow(size, state - row * size)).join("\n");
  return tabularEnvironment(ID, model, { maxEpisodeSteps, render });
}
