/** @file Options that environments of several families share. */

import { z } from "zod";
import { count } from "../src/config/options.js";

/** When the time limit of an environment truncates an episode. */
export const stepLimit = (steps: number) =>
  count().default(steps).describe("number of steps after which an episode is truncated");

/** A time limit of an environment that has none by default. */
export const optionalStepLimit = (unset: string) =>
  count().optional().describe(`number of steps after which an episode is truncated; unset: ${unset}`);

/** γ of the exact model; a solver of the model uses it. */
export const modelDiscount = (discount = 0.99) =>
  z.number().min(0).lt(1).default(discount).describe("discount factor γ of the exact model");

/** How long a trial of a task family is. */
export const trialEpisodes = (episodes: number) =>
  count().default(episodes).describe("episodes of a trial; all episodes of a trial have the same task");
