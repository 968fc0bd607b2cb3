/** @file Options that several MuJoCo environments share, with Gymnasium's names in camelCase. */

import * as z from "zod";
import { count } from "../../src/config/options.js";
import { stepLimit } from "../options.js";

/** Options that all MuJoCo environments share. */
export const modelOptions = (frameSkip: number, maxEpisodeSteps: number) => ({
  xml: z
    .string()
    .optional()
    .describe("text of an MJCF document; unset: the model that comes with the environment"),
  frameSkip: count().default(frameSkip).describe("number of physics steps per environment step"),
  maxEpisodeSteps: stepLimit(maxEpisodeSteps),
});

/** Schema of the option that leaves the robot's absolute position out of the observation. */
export const excludePositions = () => z.boolean().default(true);

/** A number or an infinity. `null` stands for `end`, because JSON writes infinities as null. */
const bound = (end: number) =>
  z
    .union([z.number(), z.literal([Infinity, -Infinity]), z.null()], {
      error: "it must be a number or infinite",
    })
    .transform((value) => value ?? end);

/** Schema of an open interval, whose ends may be infinite. */
export const range = (low: number, high: number) =>
  z
    .tuple([bound(-Infinity), bound(Infinity)])
    .refine(([from, to]) => from < to, "it must be [low, high] with low < high")
    .meta({ type: "[low, high]" })
    .default([low, high]);

/** Whether a value is inside an open interval. */
export const inside = (value: number, [low, high]: readonly [number, number]): boolean =>
  low < value && value < high;
