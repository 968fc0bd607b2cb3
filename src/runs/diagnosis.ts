/** @file Diagnostics of imitation runs: measurements of the distance between expert and learner during training. */

import type * as z from "zod";
import type { Demonstrations } from "../datasets/demonstrations.js";
import { UsageError } from "../errors.js";
import type { DistanceOptions } from "../measure/distance.js";
import type { Measure } from "../measure/measure.js";
import type { Policy } from "../policies/contract.js";
import type { Diagnosis } from "./runner.js";
import { specFields, type specSchema } from "./spec.js";

type Asked = NonNullable<z.output<typeof specSchema>["diagnose"]>;

export const diagnosisDefaults = (): Asked => specFields.diagnose.unwrap().parse({});

/**
 * The diagnostics of a run; undefined for none. The reference is prepared at the first measurement, after the algorithm
 * has checked it.
 *
 * @param name the algorithm's name, for messages
 * @param reference the expert or the demonstrations that are imitated; undefined if a person labels
 * @param where the environment to measure in; undefined for a run without an environment
 */
export function diagnosisOf(
  name: string,
  request: Asked | Diagnosis,
  reference: unknown,
  { every, where }: { every: number; where?: Omit<DistanceOptions, "episodes"> },
): Diagnosis | undefined {
  if ("measure" in request) return request;
  const { share, episodes } = request;
  if (share === 0) return undefined;
  if (where === undefined) throw new UsageError(`${name}: diagnose needs an environment to act in`);
  if (reference === undefined) return undefined;
  let opened: Promise<Measure> | undefined;
  return {
    every,
    share,
    async measure(policy, rng) {
      // Imported on demand, because most runs measure no distance.
      opened ??= import("../measure/distance.js").then(({ distanceFrom }) =>
        distanceFrom(reference as Policy | Demonstrations, { ...where, episodes }),
      );
      return (await opened)(policy, rng);
    },
  };
}
