/** @file The options by which commands that imitate say how often the distance from the expert is measured. */

import { z } from "zod";
import { count, fraction } from "../src/config/options.js";
import type { Policy } from "../src/policies/contract.js";
import {
  type Demonstrations,
  type DistanceOptions,
  distanceFrom,
  type Measure,
  type TrainOptions,
} from "../src/runs/index.js";

/** Of imitation; inverse RL has measures of its own. */
export const diagnosisFields = {
  diagnose: z
    .strictObject({
      every: count()
        .optional()
        .describe("measure the distance from the expert every so many steps; by default a tenth of the run"),
      episodes: count().default(5).describe("whole episodes of the learner in such a measurement"),
      share: fraction()
        .default(0.05)
        .describe("of the run's time that measuring may take, but for the last; 0: never measure"),
    })
    .prefault({}),
};

export type Diagnosis = z.output<typeof diagnosisFields.diagnose>;

/**
 * What `train.run` is to measure of the distance from whoever is imitated, opened when it is first measured: what does not
 * fit, the algorithm says.
 */
export function diagnosisOf(
  { every, episodes, share }: Diagnosis,
  expert: Policy | Demonstrations,
  { steps, ...where }: Omit<DistanceOptions, "episodes"> & { steps: number },
): TrainOptions["diagnose"] {
  if (share === 0) return undefined;
  let opened: Promise<Measure> | undefined;
  return {
    every: every ?? Math.ceil(steps / 10),
    share,
    async measure(policy, rng) {
      opened ??= distanceFrom(expert, { ...where, episodes });
      return (await opened)(policy, rng);
    },
  };
}
