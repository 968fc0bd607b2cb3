/** @file What the models of annotators share: the result of a fit, and the loop of expectation maximisation. */

import * as z from "zod";
import { count, resolveOptions } from "../config/options.js";
import { UsageError } from "../errors.js";
import { argmaxRow } from "../mdp/tables.js";
import type { Annotations } from "./annotations.js";
import { logOf, normaliseLog } from "./log-weights.js";

/** The inferred classes of items, and what the model says of annotators. */
export interface LabelFit {
  /** `[items, classes]`: the probability of each class. Rows sum to 1. */
  readonly posterior: Float64Array;
  /** `[items]`: the most probable class. */
  readonly labels: Int32Array;
  /** `[classes]`: the shares of the classes among items. */
  readonly prior: Float64Array;
  /**
   * `[annotators, true, observed]`: how likely each annotator answers what. Rows sum to 1. Absent in models without it,
   * and where annotators × classes² is more than 2 · 10⁸.
   */
  readonly confusion?: Float64Array;
  /** `[annotators]`: the probability of a right answer to an item drawn by the prior. */
  readonly ability?: Float64Array;
  /** log p(labels | parameters), with the known truths as data. */
  readonly logLikelihood: number;
  /** What was maximised: the log-likelihood, plus log priors of parameters (without constants). */
  readonly objective: number;
  readonly iterations: number;
  /** Whether the objective gained less than the tolerance in the last iteration. */
  readonly converged: boolean;
}

/** The most numbers in all confusion matrices: 1.6 GB. */
const MOST = 2e8;

/** Whether a confusion matrix for each annotator fits in memory. */
export const matricesFit = ({ annotators, classes }: Annotations): boolean =>
  annotators * classes ** 2 <= MOST;

/** @throws UsageError where the confusion matrices, without which a model cannot be fitted, do not fit in memory */
export function requireMatrices(name: string, annotations: Annotations): void {
  if (matricesFit(annotations)) return;
  const { annotators, classes } = annotations;
  throw new UsageError(
    `${name}: ${annotators} annotators with ${classes} classes have ${annotators * classes ** 2} numbers in their ` +
      "confusion matrices; use oneCoin, with one number each, or pooledMultinomial",
  );
}

export const emOptions = {
  iterations: count().default(100).describe("largest number of iterations"),
  tolerance: z
    .number()
    .positive()
    .default(1e-6)
    .describe("the fit ends when an iteration adds less than this to the objective, per label"),
};

/** Options checked against a schema, with defaults. */
export const optionsOf = <S extends z.ZodObject>(name: string, schema: S, options: unknown): z.output<S> =>
  resolveOptions(name, schema, options ?? {});

/**
 * Repeats `step`, which improves the parameters and returns the objective of those before it, until the objective gains
 * less than `tolerance` a label.
 *
 * @throws UsageError when the objective is not a number
 */
export function maximise(
  labels: number,
  { iterations, tolerance }: { iterations: number; tolerance: number },
  step: () => number,
): Pick<LabelFit, "iterations" | "converged" | "objective"> {
  let objective = Number.NEGATIVE_INFINITY;
  for (let i = 1; i <= iterations; i++) {
    const next = step();
    if (Number.isNaN(next)) throw new UsageError(`the objective is not a number in iteration ${i}`);
    const gain = next - objective;
    objective = next;
    if (gain < tolerance * Math.max(1, labels)) return { objective, iterations: i, converged: true };
  }
  return { objective, iterations, converged: false };
}

/** The most probable class of each row of a posterior `[items, classes]`; the first of equal ones. */
export function mostProbable(posterior: Float64Array, classes: number): Int32Array {
  const labels = new Int32Array(posterior.length / classes);
  for (let i = 0; i < labels.length; i++) labels[i] = argmaxRow(posterior, i * classes, classes);
  return labels;
}

/** Sets the rows of items whose truth is known to that class. */
export function pinTruth({ truth, classes }: Annotations, posterior: Float64Array): void {
  truth?.forEach((k, i) => {
    if (k < 0) return;
    posterior.fill(0, i * classes, (i + 1) * classes);
    posterior[i * classes + k] = 1;
  });
}

/** The fit of the largest objective among several starts, with the objectives of all. */
export function bestOf<F extends LabelFit>(fits: readonly F[]): F & { optima: readonly number[] } {
  const best = fits.reduce((a, b) => (b.objective > a.objective ? b : a));
  return { ...best, optima: fits.map(({ objective }) => objective) };
}

/**
 * E step of models that only tell right answers from wrong ones: p(k | labels of an item) ∝ p_k ∏ p(answer | k), into
 * `posterior`, with known truths kept.
 *
 * @param logPrior `[classes]`: log p_k
 * @param logRight log-probability of label n of item i if it is right, and `logWrong` if it is not
 * @returns the log-likelihood
 */
export function inferClasses(
  { items, classes: K, itemStart, label, weight, truth }: Annotations,
  posterior: Float64Array,
  logPrior: Float64Array,
  logRight: (n: number, i: number) => number,
  logWrong: (n: number, i: number) => number,
): number {
  let sum = 0;
  for (let i = 0; i < items; i++) {
    const row = i * K;
    for (let k = 0; k < K; k++) posterior[row + k] = logPrior[k];
    for (let n = itemStart[i]; n < itemStart[i + 1]; n++) {
      const [right, wrong] = [logRight(n, i), logWrong(n, i)];
      const w = weight ? weight[n] : 1;
      for (let k = 0; k < K; k++) posterior[row + k] += w * (k === label[n] ? right : wrong);
    }
    const known = truth ? truth[i] : -1;
    sum += known >= 0 ? posterior[row + known] : normaliseLog(posterior, row, K);
    if (known >= 0) for (let k = 0; k < K; k++) posterior[row + k] = k === known ? 1 : 0;
  }
  return sum;
}

/**
 * The mean log-probability of held-out labels of the same items and annotators, from the posterior of a fit and its
 * confusion matrices: what chooses between models without any truth.
 */
export function predictiveLikelihood(
  { posterior, confusion }: Pick<LabelFit, "posterior" | "confusion">,
  { items, classes: K, itemStart, annotator, label }: Annotations,
): number {
  let sum = 0;
  for (let i = 0; i < items; i++) {
    for (let n = itemStart[i]; n < itemStart[i + 1]; n++) {
      let p = 0;
      for (let k = 0; k < K; k++) {
        const answer = confusion ? confusion[(annotator[n] * K + k) * K + label[n]] : Number(k === label[n]);
        p += posterior[i * K + k] * answer;
      }
      sum += logOf(p);
    }
  }
  return sum / label.length;
}

/** Matrices `[count, a, b]` with rows and columns exchanged, `[count, b, a]`; all are `[K, K]`. */
export function transposed<A extends Float64Array | Float32Array>(matrices: A, K: number): A {
  const out = matrices.slice() as A;
  for (let start = 0; start < matrices.length; start += K * K) {
    for (let a = 0; a < K; a++) {
      for (let b = 0; b < K; b++) out[start + b * K + a] = matrices[start + a * K + b];
    }
  }
  return out;
}

/** `[annotators]`: Σ_k p_k π_kk of confusion matrices `[annotators, true, observed]`. */
export function abilityOf(confusion: Float64Array, prior: Float64Array): Float64Array {
  const K = prior.length;
  const ability = new Float64Array(confusion.length / (K * K));
  for (let l = 0; l < ability.length; l++) {
    for (let k = 0; k < K; k++) ability[l] += prior[k] * confusion[(l * K + k) * K + k];
  }
  return ability;
}
