/** @file Options that environments of several families share. */

import * as z from "zod";
import { count } from "../src/config/options.js";

/** Option `maxEpisodeSteps` with a default. */
export const stepLimit = (steps: number) =>
  count().default(steps).describe("number of steps after which an episode is truncated");

/** Option `maxEpisodeSteps` without a default; `unset` describes the behaviour without it. */
export const optionalStepLimit = (unset: string) =>
  count().optional().describe(`number of steps after which an episode is truncated; unset: ${unset}`);

/** Option `discount`: the discount factor of the exact model, used by solvers. */
export const modelDiscount = (discount = 0.99) =>
  z.number().min(0).lt(1).default(discount).describe("discount factor γ of the exact model");

/** Option `episodesPerTask`: number of episodes of a trial. */
export const trialEpisodes = (episodes: number) =>
  count().default(episodes).describe("episodes of a trial; all episodes of a trial have the same task");
