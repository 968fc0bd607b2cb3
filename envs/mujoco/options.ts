/** @file Options that several MuJoCo environments take, with Gymnasium's names in camelCase. */

import { z } from "zod";
import { count } from "../../src/config/options.js";
import { stepLimit } from "../options.js";

/** What every one of them takes. */
export const modelOptions = (frameSkip: number, maxEpisodeSteps: number) => ({
  xml: z
    .string()
    .optional()
    .describe("text of an MJCF document; unset: the model that comes with the environment"),
  frameSkip: count().default(frameSkip).describe("number of physics steps per environment step"),
  maxEpisodeSteps: stepLimit(maxEpisodeSteps),
});

/** Whether the robot's absolute position is left out of the observation, which the reward does not depend on. */
export const excludePositions = () => z.boolean().default(true);

/** A number, infinity, or null where JSON has taken the place of `end`, an infinity. */
const bound = (end: number) =>
  z
    .union([z.number(), z.literal([Infinity, -Infinity]), z.null()], {
      error: "it must be a number, or infinite",
    })
    .transform((value) => value ?? end);

/** An open interval; its ends may be infinite. */
export const range = (low: number, high: number) =>
  z
    .tuple([bound(-Infinity), bound(Infinity)])
    .refine(([from, to]) => from < to, "it must be [low, high] with low < high")
    .meta({ type: "[low, high]" })
    .default([low, high]);

export const inside = (value: number, [low, high]: readonly [number, number]): boolean =>
  low < value && value < high;
