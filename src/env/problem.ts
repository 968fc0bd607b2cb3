/** @file From an environment, however it is given, to the problem that an algorithm solves. */

import type { Rng } from "../random/rng.js";
import type { Problem } from "./contracts.js";
import { type EnvironmentSource, open } from "./registry.js";
import { makeVector, type WorkerOptions } from "./vector.js";

export type { EnvironmentSource };

/**
 * The problem of acting in an environment: its spaces, its exact model where it has one, and fresh vectors of it, in
 * worker threads if asked.
 *
 * @throws {UsageError} when the environment is unknown, or is one object instead of a way to make several.
 */
export async function problemOf(
  source: EnvironmentSource,
  options?: Record<string, unknown>,
  workers: WorkerOptions = {},
): Promise<Problem> {
  const probe = await open(source, options);
  try {
    const { id, observationSpace, actionSpace } = probe;
    return {
      id,
      observationSpace,
      actionSpace,
      vector: (count: number, rng: Rng) =>
        makeVector(source, count, { seed: rng.getState().path, options, ...workers }),
      model: probe.model?.(),
    };
  } finally {
    probe.close?.();
  }
}
