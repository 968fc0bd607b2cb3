/** @file Options that several commands share. */

import { z } from "zod";
import { positive } from "../src/config/options.js";

export const environmentFields = {
  env: z
    .string()
    .optional()
    .describe(
      "environment: an id (see understudy envs), gymnasium:ID of a local Python's, or a module of your own",
    ),
  environmentOptions: z
    .record(z.string(), z.unknown())
    .default({})
    .describe("the environment's own, as JSON or --environment-options.size 8"),
};

export const workerFields = {
  workers: z
    .int()
    .nonnegative()
    .default(0)
    .describe("threads that share out the environments stepped together, where there are several; 0: none"),
  workerTimeout: positive().default(300).describe("after how long a step of theirs counts as stuck (s)"),
};

export const seed = z.union([z.int(), z.string()]).default(0).describe("all randomness follows from it");

export const json = z.boolean().default(false).describe("print JSON instead of a table");

export const policyPath = z
  .string()
  .describe(
    "a run folder, a policy's .safetensors file, or expert: the zoo's, for --env (see understudy experts)",
  );
