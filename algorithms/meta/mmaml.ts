/**
 * @file Multimodal model-agnostic meta-learning [Vuorio et al. 2019, §4 and algorithm 1], with the outer steps of ProMP: the
 * first episodes of a task also give a modulation of the policy's hidden units, so that one set of initial parameters
 * serves several modes of the distribution of tasks.
 *
 * The modulation is in `src/policies/adapting/modulation.ts`; the rest is that of `promp.ts`.
 */

import type * as z from "zod";
import { count, nonNegative, positive } from "../../src/config/options.js";
import { UsageError } from "../../src/errors.js";
import type { Algorithm } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { metaPolicySearch, type PrompState, prompSchema } from "./promp.js";

export const mmamlSchema = prompSchema
  .omit({ variant: true, gradientSteps: true, clip: true, klCoefficient: true })
  .extend({
    innerSteps: count()
      .default(1)
      .describe(
        "inner steps of a task, the first on unmodulated episodes, the others on modulated ones; must divide " +
          "episodesPerTask − 1",
      ),
    modulationUnits: count()
      .default(64)
      .describe("units of the GRU that reads the first episodes, and of the layers after it"),
    gradientSteps: count().default(5).describe("outer steps of an iteration"),
    clip: positive().default(0.1).describe("ε of the clipped objective of the outer steps"),
    klCoefficient: nonNegative()
      .default(5e-4)
      .describe("η, weight of KL(old ‖ new) of the policies before the last inner step"),
  });

export type MmamlOptions = z.input<typeof mmamlSchema>;

/** MMAML for discrete, multi-discrete and continuous actions. */
export const mmaml = defineAlgorithm({
  name: "mmaml",
  summary: "MMAML: ProMP whose policy is also modulated by the first episodes of a task",
  schema: mmamlSchema,
  environment: "PointGoal-v0",
  create(options): Algorithm<PrompState> {
    if (options.hidden.length === 0) {
      throw new UsageError(
        "mmaml: hidden is [], but the hidden units are what it modulates; give a layer, or use promp",
      );
    }
    const { innerSteps, modulationUnits, gradientSteps, clip, klCoefficient } = options;
    return metaPolicySearch("mmaml", options, {
      innerSteps,
      modulationUnits,
      gradientSteps,
      clip,
      klCoefficient,
    });
  },
});
