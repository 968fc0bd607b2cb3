/** @file Options that the gridworlds share. */

import { z } from "zod";
import { count, fraction } from "../../src/config/options.js";

/** What can go wrong with an action. */
export const noise = (defaults: { slip?: number; failure?: number } = {}) => ({
  /** Probability that a move is turned a quarter, to either side alike. */
  slip: fraction()
    .default(defaults.slip ?? 0)
    .describe("probability that a move is turned a quarter, to either side alike"),
  /** Probability that another action is taken instead, any of the others alike. */
  failure: fraction()
    .default(defaults.failure ?? 0)
    .describe("probability that another action is taken instead, any of the others alike"),
});

/** What steps pay, by where they end. */
export const rewards = (stepReward: number, goalReward = 1) => ({
  /** Reward of a step that ends on plain floor. */
  stepReward: z.number().default(stepReward).describe("reward of a step that ends on plain floor"),
  /** Reward of a step that ends on a goal. */
  goalReward: z.number().default(goalReward).describe("reward of a step that ends on a goal"),
  /** Reward of a step that ends in lava. */
  lavaReward: z.number().default(-1).describe("reward of a step that ends in lava"),
});

/** What goals and lava do to the episode. */
export const endings = {
  /** Whether a goal ends the episode. */
  goalTerminal: z.boolean().default(true).describe("whether a goal ends the episode"),
  /** Whether any action on a goal leads to a start, instead of the goal's ending the episode. */
  goalRestarts: z
    .boolean()
    .default(false)
    .describe("whether any action on a goal leads to a start, instead of its ending the episode"),
  /** Whether lava ends the episode. */
  lavaTerminal: z.boolean().default(true).describe("whether lava ends the episode"),
};

/** γ and the clock. */
export const horizon = (discount: number, maxEpisodeSteps: number) => ({
  /** γ of the exact model. */
  discount: z.number().min(0).lt(1).default(discount).describe("γ of the exact model"),
  /** Steps after which an episode is truncated. */
  maxEpisodeSteps: count().default(maxEpisodeSteps).describe("steps after which an episode is truncated"),
});

/** Which random map. */
export const seed = () => z.union([z.int(), z.string()]);

export const keysBreak = z
  .boolean()
  .default(false)
  .describe("whether a key is used up by the first door that it opens");

export const startAnywhere = z
  .boolean()
  .default(false)
  .describe("whether an episode starts on any plain floor instead of on an S");
