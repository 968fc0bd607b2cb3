/**
 * @file Simulated annotators who share some of their errors [Chu 2024, §2.1.5]: an answer is drawn by a common confusion
 * matrix with a probability ω that depends on the item and the annotator, and by their own matrix otherwise.
 */

import * as z from "zod";
import { count, fraction } from "../config/options.js";
import { createRng, type Rng } from "../random/rng.js";
import { type Annotations, annotationsFrom } from "./annotations.js";
import { optionsOf } from "./fit.js";
import { type Items, itemsFrom } from "./items.js";

export const commonNoiseSchema = z.strictObject({
  classes: z.int().min(2).default(6).describe("number of classes"),
  items: count().default(8000).describe("number of items with labels"),
  tests: z.int().min(0).default(1000).describe("number of items without"),
  annotators: count().default(30).describe("number of annotators"),
  labels: count().default(3).describe("labels of an item, by different annotators drawn at random"),
  width: count().default(10).describe("number of features"),
  spread: z
    .number()
    .positive()
    .default(1.3)
    .describe("deviation of the means of the classes, in deviations of the items"),
  kind: z
    .enum(["symmetric", "asymmetric"])
    .default("asymmetric")
    .describe(
      "common errors. symmetric: classes in pairs, taken for each other; asymmetric: each class for one other",
    ),
  strength: fraction().default(0.6).describe("probability of an error by the common matrix"),
  proportion: fraction()
    .default(0.5)
    .describe("mean of ω, the share of answers by the common matrix; 0: none"),
  individualAccuracy: fraction()
    .default(0.7)
    .describe(
      "probability of a right answer by an own matrix; the text has a noise strength of 0.7, with which it is 0.3",
    ),
  embedding: count().default(10).describe("size of the hidden embeddings that decide ω"),
  seed: z.union([z.number(), z.string()]).default(0).describe("seed of everything"),
});

export type CommonNoiseOptions = z.input<typeof commonNoiseSchema>;

export interface CommonNoise {
  readonly annotations: Annotations;
  /** Labelled items first, then those without labels; `truth` is known for all. */
  readonly items: Items;
  /** `[items]`: the true classes of all items. */
  readonly truth: Int32Array;
  /** `[true, observed]`: the common matrix. */
  readonly common: Float64Array;
  /** `[annotators, true, observed]`: the own matrices. */
  readonly own: Float64Array;
  /** `[labels]`: ω of each label, and whether it was drawn by the common matrix. */
  readonly omega: Float64Array;
  readonly byCommon: Uint8Array;
}

/**
 * Items of Gaussian clouds, and their labels by annotators with common and own errors.
 *
 * @throws UsageError for invalid options
 */
export function commonNoise(options?: CommonNoiseOptions): CommonNoise {
  const given = optionsOf("commonNoise", commonNoiseSchema, options);
  const { classes: K, annotators: R, width } = given;
  const rng = createRng(given.seed);
  const features = rng.stream("features");
  const means = Float64Array.from({ length: K * width }, () => given.spread * features.normal());
  const total = given.items + given.tests;
  const truth = Int32Array.from({ length: total }, () => features.integer(K));
  const x = Float64Array.from(
    { length: total * width },
    (_, at) => means[truth[Math.floor(at / width)] * width + (at % width)] + features.normal(),
  );
  const noise = rng.stream("noise");
  const common = confusion(partners(K, given.kind, noise), 1 - given.strength);
  const own = new Float64Array(R * K * K);
  for (let l = 0; l < R; l++) {
    own.set(confusion(partners(K, "asymmetric", noise), given.individualAccuracy), l * K * K);
  }
  const labels = rng.stream("labels");
  const each = Math.min(given.labels, R);
  const who = new Int32Array(given.items * each);
  for (let i = 0; i < given.items; i++) {
    const order = labels.shuffle(Int32Array.from({ length: R }, (_, l) => l));
    who.set(order.subarray(0, each), i * each);
  }
  const omega = proportions(x, who, given, rng.stream("proportions"));
  const byCommon = new Uint8Array(who.length);
  const rows = Array.from(who, (l, n) => {
    const i = Math.floor(n / each);
    byCommon[n] = Number(labels.uniform() < omega[n]);
    const matrix = byCommon[n] ? common : own.subarray(l * K * K, (l + 1) * K * K);
    const row = matrix.subarray(truth[i] * K, (truth[i] + 1) * K);
    return { item: i, annotator: l, label: labels.categorical(row) };
  });
  // Annotators are numbered as in `own`, and not by their first label.
  const annotations = annotationsFrom(rows, { classes: Array.from({ length: K }, (_, k) => k) });
  const numbers = Int32Array.from(annotations.names.annotators, Number);
  return {
    annotations: {
      ...annotations,
      annotators: R,
      annotator: annotations.annotator.map((l) => numbers[l]),
      names: { ...annotations.names, annotators: Array.from({ length: R }, (_, l) => String(l)) },
    },
    items: itemsFrom(
      Array.from(truth, (k, item) => ({
        item,
        truth: k,
        features: x.subarray(item * width, (item + 1) * width),
      })),
    ),
    ...{ truth, common, own, omega, byCommon },
  };
}

/** The class that each class is taken for. Of an odd number of classes in pairs, one is taken for itself. */
function partners(K: number, kind: "symmetric" | "asymmetric", rng: Rng): Int32Array {
  if (kind === "asymmetric") {
    return Int32Array.from({ length: K }, (_, k) => (k + 1 + rng.integer(K - 1)) % K);
  }
  const order = rng.shuffle(Int32Array.from({ length: K }, (_, k) => k));
  const of = Int32Array.from({ length: K }, (_, k) => k);
  for (let i = 0; i + 1 < K; i += 2) {
    of[order[i]] = order[i + 1];
    of[order[i + 1]] = order[i];
  }
  return of;
}

/** `[true, observed]`: right with probability `accuracy`, else the partner. */
function confusion(of: Int32Array, accuracy: number): Float64Array {
  const K = of.length;
  const matrix = new Float64Array(K * K);
  for (let k = 0; k < K; k++) {
    matrix[k * K + of[k]] += 1 - accuracy;
    matrix[k * K + k] += accuracy;
  }
  return matrix;
}

/** ω of each label, σ(u · v + b) of hidden embeddings of annotator and item, with b such that their mean is as asked. */
function proportions(
  x: Float64Array,
  who: Int32Array,
  { proportion, annotators, width, items, embedding }: z.output<typeof commonNoiseSchema>,
  rng: Rng,
): Float64Array {
  if (proportion === 0 || proportion === 1) return new Float64Array(who.length).fill(proportion);
  const each = who.length / items;
  const u = rng.fillNormal(new Float64Array(annotators * embedding));
  const map = rng.fillNormal(new Float64Array(width * embedding)).map((w) => w / Math.sqrt(width));
  const scores = Float64Array.from(who, (l, n) => {
    const i = Math.floor(n / each);
    let sum = 0;
    for (let d = 0; d < embedding; d++) {
      let v = 0;
      for (let j = 0; j < width; j++) v += x[i * width + j] * map[j * embedding + d];
      sum += (u[l * embedding + d] * v) / Math.sqrt(embedding);
    }
    return sum;
  });
  const meanAt = (b: number) =>
    scores.reduce((sum, s) => sum + 1 / (1 + Math.exp(-s - b)), 0) / scores.length;
  let [low, high] = [-100, 100];
  for (let n = 0; n < 60; n++) {
    const middle = (low + high) / 2;
    if (meanAt(middle) < proportion) low = middle;
    else high = middle;
  }
  return scores.map((s) => 1 / (1 + Math.exp(-s - low)));
}
