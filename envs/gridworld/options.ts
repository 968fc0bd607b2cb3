/** @file Options that the gridworlds share. */

import * as z from "zod";
import { fraction } from "../../src/config/options.js";
import { modelDiscount, stepLimit } from "../options.js";

/** Options of action noise. */
export const noise = (defaults: { slip?: number; failure?: number } = {}) => ({
  slip: fraction()
    .default(defaults.slip ?? 0)
    .describe("probability that a move is turned by 90°, half of it to each side"),
  failure: fraction()
    .default(defaults.failure ?? 0)
    .describe("probability that a uniformly drawn other action is executed instead"),
});

/** Options for rewards, by the cell in which a step ends. */
export const rewards = (stepReward: number, goalReward = 1) => ({
  stepReward: z.number().default(stepReward).describe("reward of a step that ends on floor"),
  goalReward: z.number().default(goalReward).describe("reward of a step that ends on a goal"),
  lavaReward: z.number().default(-1).describe("reward of a step that ends in lava"),
});

/** Options for the effect of goals and lava on the episode. */
export const endings = {
  goalTerminal: z.boolean().default(true).describe("whether a goal ends the episode"),
  goalRestarts: z
    .boolean()
    .default(false)
    .describe("whether any action on a goal moves to a start cell; the goal then does not end the episode"),
  lavaTerminal: z.boolean().default(true).describe("whether lava ends the episode"),
};

/** Options for the discount factor and the time limit. */
export const horizon = (discount: number, maxEpisodeSteps: number) => ({
  discount: modelDiscount(discount),
  maxEpisodeSteps: stepLimit(maxEpisodeSteps),
});

/** Schema of the seed of a random map. */
export const seed = () => z.union([z.int(), z.string()]);

export const keysBreak = z
  .boolean()
  .default(false)
  .describe("whether a key is used up by the first door that it opens");

export const startAnywhere = z
  .boolean()
  .default(false)
  .describe("whether an episode starts on a random floor cell instead of on an S");
