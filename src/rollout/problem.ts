/** @file From an environment, however it is given, to the problem that an algorithm solves. */

import type { Rng } from "../random/rng.js";
import type { Problem } from "./contracts.js";
import { type EnvironmentSource, open } from "./registry.js";
import { makeVector } from "./vector.js";

export type { EnvironmentSource };

/**
 * The problem of acting in an environment: its spaces, its exact model where it has one, and fresh vectors of it.
 *
 * @throws {UsageError} when the environment is unknown, or is one object instead of a way to make several.
 */
export async function problemOf(
  source: EnvironmentSource,
  options?: Record<string, unknown>,
): Promise<Problem> {
  const probe = await open(source, options);
  const { id, observationSpace, actionSpace } = probe;
  const model = probe.model?.();
  probe.close?.();
  return {
    id,
    observationSpace,
    actionSpace,
    vector: (count: number, rng: Rng) => makeVector(source, count, { seed: rng.getState().path, options }),
    model,
  };
}
