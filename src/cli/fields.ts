/** @file Options that several commands share. */

import { z } from "zod";

export const environmentFields = {
  env: z.string().optional().describe("environment: an id (see understudy envs) or a module of your own"),
  environmentOptions: z
    .record(z.string(), z.unknown())
    .default({})
    .describe("the environment's own, as JSON or --environment-options.size 8"),
};

export const seed = z.union([z.int(), z.string()]).default(0).describe("all randomness follows from it");

export const json = z.boolean().default(false).describe("print JSON instead of a table");

export const policyPath = z.string().describe("a run folder, or a policy's .safetensors file");
