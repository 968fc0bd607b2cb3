/** @file Trains an expert in a run folder; an existing run is resumed, and a finished one is used as it is. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { algorithmFor, tuned } from "../../algorithms/index.js";
import { environmentConfig } from "../../src/env/source-options.js";
import { train } from "../../src/runs/index.js";
import { readRunConfig } from "../../src/runs/run-records.js";
import { requireSameRun } from "../../src/runs/same-run.js";
import { lastRow } from "../../src/runs/seeds-run.js";
import { evaluations } from "../scores/protocol.js";
import type { Recipe } from "./recipes.js";

/**
 * The run folder of a trained expert, or undefined if Ctrl-C stopped the training; a second call resumes it.
 *
 * @param runs The folder of the runs, with the layout of `trainSeeds`: `ALGORITHM-ENV/seed-SEED`.
 * @throws {UsageError} if the settings of the existing run differ from the tuned ones.
 */
export async function trainExpert(
  id: string,
  { algorithm: name, seed }: Recipe,
  runs: string,
): Promise<string | undefined> {
  const folder = join(runs, `${name}-${id}`, `seed-${seed}`);
  const algorithm = algorithmFor(name, id);
  const steps = tuned(name, id)?.steps ?? algorithm.defaultSteps;
  const before = existsSync(folder) ? readRunConfig(folder) : undefined;
  const evaluate = before ? before.evaluate : evaluations(steps);

  if (before && existsSync(join(folder, "policy.safetensors"))) {
    const environmentOptions = environmentConfig(id, {});
    const asked = {
      ...before,
      algorithm: name,
      options: algorithm.options,
      env: id,
      environmentOptions,
      seed,
    };
    requireSameRun(folder, before, asked);
    if ((lastRow(folder, "metrics")?.steps ?? 0) >= steps) return folder;
  }
  const { interrupted } = await train.run(algorithm, {
    env: id,
    seed,
    steps,
    evaluate,
    folder,
    resume: before !== undefined,
    progress: process.stderr,
    handleInterrupt: true,
  });
  return interrupted ? undefined : folder;
}
