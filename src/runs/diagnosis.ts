/** @file Measurements of the distance from the expert, which imitation makes while it learns. */

import type { z } from "zod";
import type { Demonstrations } from "../datasets/demonstrations.js";
import { UsageError } from "../errors.js";
import { type DistanceOptions, distanceFrom } from "../measure/distance.js";
import type { Measure } from "../measure/measure.js";
import type { Policy } from "../policies/contract.js";
import type { Diagnosis } from "./runner.js";
import { specFields, type specSchema } from "./spec.js";

type Asked = NonNullable<z.output<typeof specSchema>["diagnose"]>;

export const diagnosisDefaults = (): Asked => specFields.diagnose.unwrap().parse({});

/**
 * What a run measures on the way. The expert is opened when it is first measured: what does not fit, the algorithm says.
 *
 * @param name the algorithm's, for messages
 * @param shown the expert or the demonstrations that are imitated
 * @param where the environment to measure in; nothing for a run without one
 */
export function diagnosisOf(
  name: string,
  asked: Asked | Diagnosis,
  shown: unknown,
  { every, where }: { every: number; where?: Omit<DistanceOptions, "episodes"> },
): Diagnosis | undefined {
  if ("measure" in asked) return asked;
  const { share, episodes } = asked;
  if (share === 0) return undefined;
  if (where === undefined) throw new UsageError(`${name}: diagnose measures policies, and it makes none`);
  // Its labels come from a person, whose distance nobody knows.
  if (shown === undefined) return undefined;
  let opened: Promise<Measure> | undefined;
  return {
    every,
    share,
    async measure(policy, rng) {
      opened ??= distanceFrom(shown as Policy | Demonstrations, { ...where, episodes });
      return (await opened)(policy, rng);
    },
  };
}
