/** @file The options that `train`, `evaluate`, `collect` and `compare` share, and the checks of what they are given. */

import { z } from "zod";
import { positive, resolveOptions } from "../config/options.js";
import { type EnvironmentSource, envSpec } from "./registry.js";

export const environmentOption = () =>
  z.custom<EnvironmentSource>(
    (value) => ["string", "function", "object"].includes(typeof value) && value !== null,
    'it must be the id of an environment, such as "CartPole-v1", or a function that makes one',
  );

export const environmentOptionsOption = () => z.record(z.string(), z.unknown()).default({});

/** Where environments are stepped; it changes no number. */
export const workerOptions = () => ({
  /** Worker threads that step the environments (Node.js); 0 for none. */
  workers: z.int().nonnegative().default(0),
  /** Seconds after which a step of theirs that has not come back counts as stuck. */
  workerTimeout: positive().default(300),
});

export const seedOption = () =>
  z.union([z.int(), z.string()], "it must be an integer or a string").default(0);

export const callback = <F extends (...values: never[]) => unknown>() =>
  z.custom<F>((value) => typeof value === "function", "it must be a function");

export const folderOption = () => z.string().min(1, "it must be the path of a folder");

/** The options that an environment is made with, every default filled in where its kind declares them. */
export function environmentConfig(env: EnvironmentSource, given: Options): Options {
  if (typeof env === "function") return given;
  const { id, options = {} } = typeof env === "string" ? { id: env } : env;
  const asked = { ...options, ...given };
  const { options: schema } = envSpec(id);
  return schema ? resolveOptions(id, schema, asked) : asked;
}

type Options = Record<string, unknown>;
