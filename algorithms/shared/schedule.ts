/** @file Options that may change over a run: a number, or a path from one number to another over so many steps. */

import { z } from "zod";
import { count } from "../../src/config/options.js";
import { schedules } from "../../src/nn/index.js";

/** A number, or the way from one to another. */
export type Scheduled = number | { from: number; to: number; steps: number; shape: keyof typeof shapes };

const shapes = { linear: schedules.linear, exponential: schedules.exponential, cosine: schedules.cosine };

/** Said of the option, not of the step that would first ask for its value. */
function refuseImpossible(path: Exclude<Scheduled, number>, context: z.RefinementCtx): void {
  if (path.shape !== "exponential") return;
  for (const end of ["from", "to"] as const) {
    if (path[end] > 0) continue;
    const message =
      "an exponential schedule needs numbers above 0; linear and cosine ones may start or end there";
    context.addIssue({ code: "custom", path: [end], message });
  }
}

/** An option of this kind, each of whose numbers fits `value`. */
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

/** The number at step `step` of the run. */
export function valueAt(scheduled: Scheduled, step: number): number {
  if (typeof scheduled === "number") return scheduled;
  const { from, to, steps, shape } = scheduled;
  return shapes[shape](from, to)(step / steps);
}
