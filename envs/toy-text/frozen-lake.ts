/** @file FrozenLake-v1: cross a frozen lake without falling into a hole, with the maps and odds of Gymnasium's. */

import { z } from "zod";
import { count, resolveOptions } from "../../src/config/options.js";
import { type GridEnvironment, gridEnvironment } from "../gridworld/environment.js";

/** `F` ice, `H` hole, as published. */
const MAPS = {
  "4x4": ["SFFF", "FHFH", "FFFH", "HFFG"],
  "8x8": ["SFFFFFFF", "FFFFFFFF", "FFFHFFFF", "FFFFFHFF", "FFFHFFFF", "FHHFFFHF", "FHFFHFHF", "FFFHFFFG"],
};

const ID = "FrozenLake-v1";
const LIMITS = { "4x4": 100, "8x8": 200 };

export const frozenLakeOptions = z.strictObject({
  /** Which of the two published maps. */
  map: z.enum(["4x4", "8x8"]).default("4x4"),
  /** Whether a move goes a quarter to the left or right of where it should, with probability 1/3 each. */
  slippery: z.boolean().default(true),
  /** γ of the exact model. */
  discount: z.number().min(0).lt(1).default(0.99),
  /** Steps after which an episode is truncated; 100 on the small map and 200 on the large one. */
  maxEpisodeSteps: count().optional(),
});

/** The same lake with the large map unless asked otherwise. */
export const frozenLake8x8Options = frozenLakeOptions.extend({ map: z.enum(["4x4", "8x8"]).default("8x8") });

/**
 * The lake. Actions: 0 left, 1 down, 2 right, 3 up. Observations are row × columns + column. Reward 1 at the goal; holes
 * and the goal end the episode.
 */
export function frozenLake(options: z.input<typeof frozenLakeOptions> = {}): GridEnvironment {
  return lake(ID, resolveOptions(ID, frozenLakeOptions, options));
}

/** {@link frozenLake} under the id FrozenLake8x8-v1. */
export function frozenLake8x8(options: z.input<typeof frozenLake8x8Options> = {}): GridEnvironment {
  return lake("FrozenLake8x8-v1", resolveOptions("FrozenLake8x8-v1", frozenLake8x8Options, options));
}

function lake(id: string, { map, slippery, discount, maxEpisodeSteps }: z.output<typeof frozenLakeOptions>) {
  return gridEnvironment(id, {
    layout: MAPS[map].map((line) => line.replaceAll("F", ".").replaceAll("H", "L")),
    slip: slippery ? 2 / 3 : 0,
    stepReward: 0,
    goalReward: 1,
    lavaReward: 0,
    goalTerminal: true,
    lavaTerminal: true,
    discount,
    maxEpisodeSteps: maxEpisodeSteps ?? LIMITS[map],
  });
}
