/** @file The options shared by `train`, `evaluate`, `collect` and `compare`, with their checks. */

import * as z from "zod";
import { count, positive, resolveOptions } from "../config/options.js";
import { DEFAULT_EPISODE_LIMIT } from "./episode-limit.js";
import { type EnvironmentSource, envSpec } from "./registry.js";

export const environmentOption = () =>
  z
    .custom<EnvironmentSource>(
      (value) => ["string", "function", "object"].includes(typeof value) && value !== null,
      'it must be the id of an environment, such as "CartPole-v1", or a function that creates one',
    )
    .meta({ type: "id, { id, options } or function" })
    .describe("environment: its id, its id with options, or a function that creates a new one");

export const environmentOptionsOption = () =>
  z.record(z.string(), z.unknown()).default({}).describe("options of the environment, by name");

/** The options of a problem: its worker threads, which affect no results, and the limit of its episodes. */
export const problemOptions = () => ({
  workers: z
    .int()
    .nonnegative()
    .default(0)
    .describe("number of worker threads that step the environments (Node.js); 0: none"),
  workerTimeout: positive()
    .default(300)
    .describe("time after which a step in a worker thread counts as stuck (s)"),
  maxEpisodeSteps: count()
    .optional()
    .describe(
      "number of steps after which an episode that is played whole is cut, in evaluations, measurements and " +
        `demonstrations; unset: the environment's own limit, or ${DEFAULT_EPISODE_LIMIT} where it has none`,
    ),
});

/** Whether text is a number that is not a safe integer. Command lines and JSON files pass such numbers as text. */
const isInexact = (text: string) =>
  text.trim() !== "" && !Number.isNaN(Number(text)) && !Number.isSafeInteger(Number(text));

const SEED = "it must be an integer, or text that is no number";

export const seedOption = () =>
  z
    .union([z.int(), z.string().refine((text) => !isInexact(text), SEED)], SEED)
    .default(0)
    .describe("seed of all random numbers");

export const signalOption = () => z.instanceof(AbortSignal).meta({ type: "AbortSignal" }).optional();

export const callback = <F extends (...values: never[]) => unknown>() =>
  z.custom<F>((value) => typeof value === "function", "it must be a function").meta({ type: "function" });

export const folderOption = () => z.string().min(1, "it must be the path of a folder");

/** The options of an environment, with every default filled in if its kind declares a schema. */
export function environmentConfig(env: EnvironmentSource, given: Options): Options {
  if (typeof env === "function") return given;
  const { id, options = {} } = typeof env === "string" ? { id: env } : env;
  const asked = { ...options, ...given };
  const { options: schema } = envSpec(id);
  return schema ? resolveOptions(id, schema, asked) : asked;
}

type Options = Record<string, unknown>;
