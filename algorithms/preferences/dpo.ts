/**
 * @file Direct preference optimisation [Rafailov et al. 2023] [N §3.5]: a policy is fitted to comparisons as if its
 * log-probabilities, relative to a reference, were the reward. No reward is learnt, and nothing acts.
 *
 * The losses are in `fine-tuning/losses.ts`, the gradient steps in `fine-tuning/tuner.ts`.
 */

import * as z from "zod";
import { isSameStart, type Preferences } from "../../src/datasets/preferences.js";
import type { Algorithm } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { type FineTuningState, fineTuner, pairsOf } from "./fine-tuning/learner.js";
import { dpoLoss } from "./fine-tuning/losses.js";
import { dpoOptions, fineTuningOptions, neitherSchema, referenceSchema } from "./fine-tuning/options.js";

const dpoSchema = z.strictObject({
  ...fineTuningOptions,
  reference: referenceSchema,
  ...dpoOptions,
  neither: neitherSchema,
  preference: z
    .enum(["return", "regret"])
    .default("return")
    .describe(
      "what people compare. return: what a segment earns, for which the segments of a pair must have the same start; " +
        "regret: how well it was acted, from any starts",
    ),
});

export type DpoOptions = z.input<typeof dpoSchema>;

/** Direct preference optimisation, with its relatives as `loss`. */
export const dpo = defineAlgorithm({
  name: "dpo",
  summary: "direct preference optimisation: fits a policy to comparisons without a reward",
  schema: dpoSchema,
  needs: [["preferences"]],
  create(options): Algorithm<FineTuningState> {
    const { preferences, preference, neither, student, discount } = options;
    return fineTuner("dpo", options, {
      loss: dpoLoss(options),
      reference: options.reference ?? student ?? "uniform",
      discount,
      withTies: { neither },
      notes: preference === "return" ? startNotes(preferences) : [],
    });
  },
});

/**
 * The returns of two segments differ by what their policies' log-probabilities tell, and by the values of their starts,
 * which cancel where the starts are the same.
 */
function startNotes(preferences: Preferences): string[] {
  const { segments } = preferences;
  const pairs = pairsOf(preferences, { neither: "drop" });
  const other = pairs.filter(
    ({ first, second }) => !isSameStart(segments[first], segments[second], preferences),
  );
  if (other.length === 0) return [];
  return [
    `note: dpo: the segments of ${other.length} of ${pairs.length} pairs have different starts, so the values of these ` +
      "enter the answers, and dpo cannot tell them from good actions: compare segments with the same start, or set " +
      "preference to regret if people judged how well it was acted",
  ];
}
