/** @file Options that several commands share. */

import * as z from "zod";
import { problemOptions } from "../src/env/source-options.js";
import { specFields } from "../src/runs/spec.js";

export const environmentFields = {
  env: z.string().optional().describe(specFields.env.description!),
  environmentOptions: specFields.environmentOptions,
};

export const problemFields = problemOptions();

export const { seed } = specFields;

export const json = z.boolean().default(false).describe("print JSON instead of a table");

const policies =
  "a run folder, a .safetensors file, or expert for the trained expert of --env (see understudy-rl experts)";

export const policyPath = z.string().describe(`policy: ${policies}`);

export const actorPath = z
  .string()
  .describe(`policy: ${policies}; or the module of a controller, such as ./act.mjs`);

const portNumber = z.int().nonnegative().max(65535);

/** Of the page at which a labeller asks. */
export const labellerPort = portNumber
  .optional()
  .describe("with web: port of the page; by default that of the last time, or any that is free");

export const port = portNumber.default(0).describe("port of the served page; 0: any that is free");
