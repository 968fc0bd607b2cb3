/**
 * @file Odds-ratio preference optimisation [Hong et al. 2024]: supervised learning of the chosen segments, and a
 * penalty on the odds of the rejected ones. It has no reference.
 */

import * as z from "zod";
import type { Problem } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import type { Algorithm } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { describeSpace } from "../../src/spaces/index.js";
import { type FineTuningState, fineTuner } from "./fine-tuning/learner.js";
import { orpoLoss } from "./fine-tuning/losses.js";
import { fineTuningOptions, lambdaSchema } from "./fine-tuning/options.js";

const orpoSchema = z.strictObject({ ...fineTuningOptions, lambda: lambdaSchema });

export type OrpoOptions = z.input<typeof orpoSchema>;

/** Odds-ratio preference optimisation, for discrete actions. */
export const orpo = defineAlgorithm({
  name: "orpo",
  summary: "odds-ratio preference optimisation: clones chosen segments, and lowers the odds of rejected ones",
  schema: orpoSchema,
  needs: [["preferences"]],
  create: (options): Algorithm<FineTuningState> =>
    fineTuner("orpo", options, {
      loss: orpoLoss(options.lambda),
      requireProblem: (problem) => requireOdds("orpo", problem),
    }),
});

/** @throws UsageError for actions with a density, which has no odds */
export function requireOdds(name: string, { id, actionSpace }: Problem): void {
  if (actionSpace.kind !== "box") return;
  throw new UsageError(
    `${name}: odds need probabilities of actions, and those of ${id} are ${describeSpace(actionSpace)}, with densities, ` +
      "which may be above 1: use dpo",
  );
}
