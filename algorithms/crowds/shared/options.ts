/** @file Options of all networks that learn from annotations, and the record of annotations in a run. */

import * as z from "zod";
import { count, nonNegative, positive } from "../../../src/config/options.js";
import { referenceTo } from "../../../src/config/references.js";
import type { Annotations } from "../../../src/crowds/index.js";
import { crc32c } from "../../../src/state/crc32c.js";

const isAnnotations = (value: unknown): boolean =>
  ArrayBuffer.isView((value as Partial<Annotations> | undefined)?.itemStart) &&
  ArrayBuffer.isView((value as Annotations).label);

/** Options of the classifier, and of its training. */
export const classifierOptions = {
  annotations: z
    .custom<Annotations>(isAnnotations, "it must be annotations, as `annotationsFrom` returns them")
    .meta({ type: "annotations" })
    .describe("answers of the annotators, as `readAnnotations` and `annotationsFrom` return them"),
  hidden: z.array(count()).default([128]).describe("sizes of the hidden layers (ReLU) of the classifier"),
  dropout: z
    .number()
    .min(0)
    .lt(1)
    .default(0.5)
    .describe("probability with which a hidden unit is left out of a gradient step"),
  standardise: z
    .boolean()
    .default(true)
    .describe("whether features are scaled to mean 0 and deviation 1 over the annotated items"),
  l2: nonNegative().default(0).describe("weight of the L2 penalty ½ ‖θ‖² of all parameters"),
  learningRate: positive().default(1e-3).describe("step size of Adam"),
  minibatchSize: count().default(256).describe("labels (or items) in a gradient step"),
  epochs: count().default(100).describe("passes over the labels (or items)"),
  heldOut: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe(
      "share of the labels that is held out, of items with several: their likelihood chooses the best epoch in evaluations",
    ),
};

export type ClassifierOptions = z.output<z.ZodObject<typeof classifierOptions>>;

/** The record of annotations in a run, by which a resumed run detects different ones. */
export function annotationsRecord(annotations: Annotations): Record<string, unknown> {
  const { itemStart, annotator, label, weight } = annotations;
  const checksum = [itemStart, annotator, label, ...(weight ? [weight] : [])]
    .map(({ buffer, byteOffset, byteLength }) => crc32c(new Uint8Array(buffer, byteOffset, byteLength)))
    .map((sum) => sum.toString(16))
    .join("-");
  return referenceTo(annotations, "annotations", { checksum });
}
