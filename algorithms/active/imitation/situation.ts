/** @file What an acquisition policy sees: the state of learning, and the candidates in it [Löffler & Mutschler 2022, eq. 2]. */

import type { Embeddings, PoolView } from "../../../src/active/index.js";
import { argmaxRow } from "../../../src/mdp/tables.js";

/**
 * Parts of the input of a policy, with an embedding width of e and K classes:
 * - `labelledMean` [e]: the mean embedding of the labelled items;
 * - `labelShares` [K]: the shares of the classes among them [eq. 1];
 * - `predictedShares` [K]: the shares of the classes that the model predicts for them;
 * - `embedding` [e], `prediction` [K, one-hot], `probabilities` [K]: of the candidate;
 * - `gradient` [K·e]: (p − e_ŷ) ⊗ z of the candidate, as in BADGE, which the authors' later code adds;
 * - `poolMean` [e]: the mean embedding of the unlabelled items [§5.3].
 */
export const featureNames = [
  "labelledMean",
  "labelShares",
  "predictedShares",
  "embedding",
  "prediction",
  "probabilities",
  "gradient",
  "poolMean",
] as const;
export type FeatureName = (typeof featureNames)[number];

/** The state of learning and its candidates. Plain data; the rows of candidates are in their order. */
export interface Situation {
  /** `[e]`, `[K]`, `[K]` and, where it is asked for, `[e]` */
  labelledMean: Float32Array;
  labelShares: Float32Array;
  predictedShares: Float32Array;
  poolMean?: Float32Array;
  /** `[n, e]` */
  embeddings: Float32Array;
  /** `[n, K]` */
  probabilities: Float32Array;
}

/** Sizes that a policy depends on. */
export interface Widths {
  classes: number;
  embeddingWidth: number;
}

const widthOfFeature = (name: FeatureName, { classes: K, embeddingWidth: e }: Widths): number =>
  ({
    labelledMean: e,
    labelShares: K,
    predictedShares: K,
    embedding: e,
    prediction: K,
    probabilities: K,
    gradient: K * e,
    poolMean: e,
  })[name];

/** Number of inputs of a policy: 2e + 3K for the features of the paper. */
export const inputsOf = (features: readonly FeatureName[], widths: Widths): number =>
  features.reduce((sum, name) => sum + widthOfFeature(name, widths), 0);

/** The mean of each column of rows `[n, width]`; 0 of no rows. */
function meanOf({ width, data }: Embeddings): Float64Array {
  const sum = new Float64Array(width);
  for (let n = 0; n < data.length; n++) sum[n % width] += data[n];
  return sum.map((x) => x / Math.max(1, data.length / width));
}

/** The means and inverse deviations of each column; 1 in place of a deviation of 0, as of a unit that is never active. */
function scaleOf(embeddings: Embeddings): { mean: Float64Array; inverse: Float64Array } {
  const { width, data } = embeddings;
  const mean = meanOf(embeddings);
  const squares = new Float64Array(width);
  for (let n = 0; n < data.length; n++) squares[n % width] += (data[n] - mean[n % width]) ** 2;
  const count = data.length / width;
  return { mean, inverse: squares.map((x) => (x > 0 ? 1 / Math.sqrt(x / count) : 1)) };
}

export interface SituationOptions {
  /** Whether embeddings are scaled to mean 0 and deviation 1 over the candidates, by column. */
  standardise: boolean;
  /** The unlabelled items, of which the candidates are a part, if their mean is a feature. */
  whole?: PoolView;
}

/** @param view the candidates, in an order that does not depend on chance */
export async function situationOf(
  view: PoolView,
  { standardise, whole }: SituationOptions,
): Promise<Situation> {
  const { classes: K, labelledTargets } = view;
  const [own, ofLabelled] = [await view.embeddings(), await view.labelledEmbeddings()];
  const [p, predicted] = [await view.probabilities(), await view.labelledProbabilities()];
  const { mean, inverse } = standardise
    ? scaleOf(own)
    : { mean: new Float64Array(own.width), inverse: new Float64Array(own.width).fill(1) };
  const scaled = (row: ArrayLike<number>) =>
    Float32Array.from(row, (x, n) => (x - mean[n % own.width]) * inverse[n % own.width]);
  const labelled = view.labelled.length;
  const labelShares = new Float32Array(K);
  for (let n = 0; n < labelledTargets.length; n++) labelShares[n % K] += labelledTargets[n] / labelled;
  const predictedShares = new Float32Array(K);
  for (let i = 0; i < labelled; i++) predictedShares[argmaxRow(predicted, i * K, K)] += 1 / labelled;
  return {
    labelledMean: scaled(meanOf(ofLabelled)),
    ...{ labelShares, predictedShares },
    ...(whole && { poolMean: scaled(meanOf(await whole.embeddings())) }),
    embeddings: scaled(own.data),
    probabilities: Float32Array.from(p),
  };
}

/** Number of candidates. */
export const candidatesIn = ({ probabilities }: Situation, { classes }: Widths): number =>
  probabilities.length / classes;

/** Writes the input of a policy for a candidate into `out`, from `at`. */
export function writeInput(
  out: Float32Array,
  at: number,
  features: readonly FeatureName[],
  situation: Situation,
  row: number,
): void {
  const { labelledMean, labelShares, predictedShares, poolMean, embeddings, probabilities } = situation;
  const [e, K] = [labelledMean.length, labelShares.length];
  const z = embeddings.subarray(row * e, (row + 1) * e);
  const p = probabilities.subarray(row * K, (row + 1) * K);
  const first = argmaxRow(p, 0, K);
  let to = at;
  const add = (part: Float32Array) => {
    out.set(part, to);
    to += part.length;
  };
  for (const name of features) {
    switch (name) {
      case "labelledMean":
        add(labelledMean);
        break;
      case "labelShares":
        add(labelShares);
        break;
      case "predictedShares":
        add(predictedShares);
        break;
      case "embedding":
        add(z);
        break;
      case "prediction":
        out.fill(0, to, to + K);
        out[to + first] = 1;
        to += K;
        break;
      case "probabilities":
        add(p);
        break;
      case "gradient":
        for (let k = 0; k < K; k++) {
          for (let j = 0; j < e; j++) out[to++] = (p[k] - Number(k === first)) * z[j];
        }
        break;
      case "poolMean":
        add(poolMean!);
        break;
    }
  }
}

/** The inputs of all candidates, `[n, inputs]`. */
export function inputsFor(
  features: readonly FeatureName[],
  situation: Situation,
  widths: Widths,
): Float32Array {
  const inputs = inputsOf(features, widths);
  const count = candidatesIn(situation, widths);
  const out = new Float32Array(count * inputs);
  for (let row = 0; row < count; row++) writeInput(out, row * inputs, features, situation, row);
  return out;
}
