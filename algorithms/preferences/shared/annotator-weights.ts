/** @file The option `annotatorWeights` of learners from comparisons: how much the answers of each annotator count. */

import * as z from "zod";
import type { Preferences } from "../../../src/datasets/preferences.js";
import { trustIn, weighPreferences } from "./trust.js";

export const annotatorWeightsSchema = z
  .enum(["equal", "agreement", "dawid-skene"])
  .default("equal")
  .describe(
    "weights of the annotators. equal: 1; agreement: by their consistency, and agreement on pairs that several " +
      "answered; dawid-skene: the same with a probability of errors for each side",
  );

/** The comparisons with the weights of their annotators. */
export const weighedBy = (
  weights: z.output<typeof annotatorWeightsSchema>,
  preferences: Preferences,
): Preferences =>
  weights === "equal" ? preferences : weighPreferences(preferences, trustIn(preferences, weights));
