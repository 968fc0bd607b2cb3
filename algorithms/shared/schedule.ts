/** @file Scheduled options: a constant, or an interpolation from one number to another over a number of steps. */

import * as z from "zod";
import { count } from "../../src/config/options.js";
import { schedules } from "../../src/nn/index.js";

/** A constant, or an interpolation over `steps` steps. */
export type Scheduled = number | { from: number; to: number; steps: number; shape: keyof typeof shapes };

const shapes = { linear: schedules.linear, exponential: schedules.exponential, cosine: schedules.cosine };

/** Refuses an exponential schedule with an end at or below 0 when the options are read, before training starts. */
function refuseImpossible(path: Exclude<Scheduled, number>, context: z.RefinementCtx): void {
  if (path.shape !== "exponential") return;
  for (const end of ["from", "to"] as const) {
    if (path[end] > 0) continue;
    const message =
      "an exponential schedule needs numbers above 0; use linear or cosine to start or end at 0";
    context.addIssue({ code: "custom", path: [end], message });
  }
}

/** The schema of a scheduled option; `value` is the schema of each of its numbers. */
export const scheduled = (value: z.ZodNumber) =>
  z.union(
    [
      value,
      z
        .strictObject({
          from: value.describe("value at the start of the run"),
          to: value.describe("value after `steps`, until the end of the run"),
          steps: count().describe("number of steps from the first value to the last"),
          shape: z
            .enum(["linear", "exponential", "cosine"])
            .default("linear")
            .describe("interpolation between the two values"),
        })
        .superRefine(refuseImpossible),
    ],
    { error: "it must be a number, or { from, to, steps, shape }" },
  );

/** The value of a scheduled option at step `step` of the run. */
export function valueAt(scheduled: Scheduled, step: number): number {
  if (typeof scheduled === "number") return scheduled;
  const { from, to, steps, shape } = scheduled;
  return shapes[shape](from, to)(step / steps);
}
