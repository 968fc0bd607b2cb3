/** @file The episodes that a run without an environment held out, from its record. */

import { statSync } from "node:fs";
import { dirname } from "node:path";
import { UsageError } from "../errors.js";
import type { DataSet } from "../learning/contract.js";
import { createRng } from "../random/rng.js";
import { fromWorkingFolder } from "./recorded-paths.js";
import { type RunRequest, resolve } from "./resolve.js";
import { readRunConfig } from "./run-records.js";
import { type RunConfig, specSchema } from "./spec.js";
import type { Trust } from "./trust.js";

/**
 * The held-out episodes of the run whose folder is given, or a file in it.
 *
 * @throws UsageError when the run held out none, or its demonstrations have changed or were given in code
 */
export async function heldOutOf(path: string, trust: Trust): Promise<DataSet> {
  const folder = statSync(path).isDirectory() ? path : dirname(path);
  const run = readRunConfig(folder) as RunConfig;
  const request = specSchema.parse({ ...fromWorkingFolder(run, folder), evaluate: undefined }) as RunRequest;
  const { learner, source } = await resolve(request, { trust });
  if (learner.heldOut === undefined) {
    throw new UsageError(
      `the run learnt from all episodes of ${source.id}: give held-out demonstrations with --demonstrations, or the ` +
        "environment with --env",
    );
  }
  return learner.heldOut(await learner.init(source.value as never, createRng(run.seed).stream("algorithm")));
}
