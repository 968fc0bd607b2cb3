/** @file Makes the problem that an algorithm solves from any source of environments. */

import { UsageError } from "../errors.js";
import type { Rng } from "../random/rng.js";
import { describeSpace, spaceDifference } from "../spaces/index.js";
import type { Problem } from "./contracts.js";
import { withEpisodeLimit } from "./episode-limit.js";
import { type EnvironmentSource, open } from "./registry.js";
import { makeVector, refuseOtherSpaces, type WorkerOptions } from "./vector.js";

export type { EnvironmentSource };

/** How the environments of a problem are stepped, and when whole episodes of them are cut. */
export interface ProblemOptions extends WorkerOptions {
  /** Steps after which rollouts cut an episode. Default: the environment's own limit, or 10 000 where it has none. */
  maxEpisodeSteps?: number;
}

/**
 * The problem of acting in an environment: its spaces, its exact model if it has one, and a function that creates
 * vectors of it, optionally in worker threads.
 *
 * @throws UsageError when the environment is unknown, or an object is given instead of an id or a function.
 */
export async function problemOf(
  source: EnvironmentSource,
  options?: Record<string, unknown>,
  { maxEpisodeSteps, ...workers }: ProblemOptions = {},
): Promise<Problem> {
  const probe = await open(source, options);
  try {
    const { id, observationSpace, actionSpace, tasks, episodesPerTask = 1 } = probe;
    return {
      id,
      observationSpace,
      actionSpace,
      async vector(count: number, rng: Rng) {
        const vector = await makeVector(source, count, { seed: rng.getState().path, options, ...workers });
        try {
          refuseOtherSpaces(id, { observationSpace, actionSpace }, vector);
        } catch (error) {
          vector.close();
          throw error;
        }
        return withEpisodeLimit(vector, maxEpisodeSteps);
      },
      model: probe.model?.(),
      family: tasks && { tasks, episodesPerTask, maxEpisodeSteps: probe.maxEpisodeSteps },
    };
  } finally {
    probe.close?.();
  }
}

/**
 * Checks that a policy or demonstrations fit a problem.
 *
 * @param what the subject of the message
 * @param compared "kind and shape" of the spaces, or the bounds of boxes too
 * @throws UsageError when the spaces of `value` are not those of the problem
 */
export function requireSpaces(
  what: string,
  value: Pick<Problem, "observationSpace" | "actionSpace">,
  problem: Problem,
  compared: "kind and shape" | "bounds too" = "kind and shape",
): void {
  for (const kind of ["observations", "actions"] as const) {
    const space = kind === "observations" ? "observationSpace" : "actionSpace";
    const [its, expected] = [describeSpace(value[space]), describeSpace(problem[space])];
    const other = "it belongs to another environment";
    if (its !== expected) {
      throw new UsageError(`${what} has ${kind} ${its}, but ${problem.id} has ${expected}: ${other}`);
    }
    const bounds = compared === "bounds too" && spaceDifference(value[space], problem[space]);
    if (bounds) {
      throw new UsageError(`${what} has ${kind} with other bounds than ${problem.id}: ${bounds}: ${other}`);
    }
  }
}
