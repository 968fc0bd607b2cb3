/** @file Majority vote: the shares of the labels of each item [N §2]. */

import * as z from "zod";
import { createRng } from "../random/rng.js";
import type { Annotations } from "./annotations.js";
import { type LabelFit, mostProbable, optionsOf } from "./fit.js";

export const majorityVoteSchema = z.strictObject({
  ties: z
    .enum(["share", "first", "random"])
    .default("share")
    .describe(
      "posterior of an item: the shares of its labels, or all on the class with most labels, of equal ones the first or a random one",
    ),
  seed: z.union([z.number(), z.string()]).default(0).describe("seed of random choices"),
});

export type MajorityVoteOptions = z.input<typeof majorityVoteSchema>;

/**
 * Majority vote, with weights. An item without labels has the shares of all labels.
 *
 * With ties "share", `labels` has the first of equal classes: count a tie as a share of a right answer in an accuracy.
 */
export function majorityVote(annotations: Annotations, options?: MajorityVoteOptions): LabelFit {
  const { ties, seed } = optionsOf("majorityVote", majorityVoteSchema, options);
  const { items, classes } = annotations;
  const posterior = shares(annotations);
  if (ties !== "share") {
    const rng = createRng(seed);
    for (let i = 0; i < items; i++) {
      const row = posterior.subarray(i * classes, (i + 1) * classes);
      const most = Math.max(...row);
      const best = [...row.keys()].filter((k) => row[k] === most);
      const chosen = ties === "first" ? best[0] : best[rng.integer(best.length)];
      row.fill(0);
      row[chosen] = 1;
    }
  }
  const prior = new Float64Array(classes);
  for (let i = 0; i < posterior.length; i++) prior[i % classes] += posterior[i] / items;
  return {
    ...{ posterior, labels: mostProbable(posterior, classes), prior },
    ...{ logLikelihood: Number.NaN, objective: Number.NaN, iterations: 1, converged: true },
  };
}

/** `[items, classes]`: the shares of the labels of each item; those of all labels for an item without any. */
export function shares({ items, classes, itemStart, label, weight }: Annotations): Float64Array {
  const posterior = new Float64Array(items * classes);
  const all = new Float64Array(classes);
  for (let i = 0; i < items; i++) {
    for (let n = itemStart[i]; n < itemStart[i + 1]; n++) {
      const w = weight ? weight[n] : 1;
      posterior[i * classes + label[n]] += w;
      all[label[n]] += w;
    }
  }
  normalise(all, 0, classes, () => 1 / classes);
  for (let i = 0; i < items; i++) normalise(posterior, i * classes, classes, (k) => all[k]);
  return posterior;
}

/** Divides a row by its sum, in place; a row without mass becomes `otherwise`. */
export function normalise(
  values: Float64Array,
  start: number,
  length: number,
  otherwise: (k: number) => number,
): void {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += values[start + k];
  for (let k = 0; k < length; k++) values[start + k] = sum > 0 ? values[start + k] / sum : otherwise(k);
}
