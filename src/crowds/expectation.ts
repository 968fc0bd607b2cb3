/**
 * @file The E step of Dawid and Skene's model [N §2.1, eq. 33], over blocks of items. The sums of a block depend on its
 * items alone, and are added in the order of the blocks: whatever thread takes which block, the result is the same.
 */

import type { Annotations } from "./annotations.js";
import { normaliseLog } from "./log-weights.js";

/** What the E step reads of annotations. */
export type Answers = Pick<
  Annotations,
  "items" | "annotators" | "classes" | "itemStart" | "annotator" | "label" | "weight" | "truth"
>;

/** What threads share during a fit. */
export interface Expectation {
  readonly answers: Answers;
  /** `[labels]`: where the row of a label starts in `confusion`. */
  readonly rows: Int32Array;
  /** `[classes]` and `[annotators, observed, true]`: the parameters, and their logarithms. */
  readonly prior: Float64Array;
  readonly confusion: Float64Array;
  readonly logPrior: Float64Array;
  readonly logConfusion: Float64Array;
  /** `[items, classes]` */
  readonly posterior: Float64Array;
  /** `[blocks, sumsOf]`: of each block the log-likelihood, the counts of classes, and those of answers. */
  readonly sums: Float64Array;
}

const MOST_BLOCKS = 16;

/** Labels of a block, at least: for fewer, adding up sums takes as long as the labels. */
const BLOCK = 8192;

const answersOf = ({ annotators, classes: K }: Answers) => annotators * K * K;
const sumsOf = (answers: Answers) => 1 + answers.classes + answersOf(answers);

/** The number of blocks of items: a matter of the annotations, not of threads. */
export const blocksOf = (answers: Answers): number =>
  Math.max(1, Math.min(MOST_BLOCKS, Math.floor(answers.label.length / Math.max(BLOCK, answersOf(answers)))));

/** Items whose likelihood is less are inferred from logarithms, because products of probabilities may be 0 by rounding. */
const TINY = 1e-100;

interface Memory {
  floats(length: number): Float64Array;
  ints(length: number): Int32Array;
}

const ownMemory: Memory = {
  floats: (length) => new Float64Array(length),
  ints: (length) => new Int32Array(length),
};

export function createExpectation(answers: Answers, { floats, ints }: Memory = ownMemory): Expectation {
  const { items, annotator, label, classes: K } = answers;
  const rows = ints(label.length);
  for (let n = 0; n < rows.length; n++) rows[n] = (annotator[n] * K + label[n]) * K;
  return {
    answers,
    rows,
    prior: floats(K),
    confusion: floats(answersOf(answers)),
    logPrior: floats(K),
    logConfusion: floats(answersOf(answers)),
    posterior: floats(items * K),
    sums: floats(blocksOf(answers) * sumsOf(answers)),
  };
}

/** Infers the classes of the items of a block, into `posterior`, and counts them, into `sums`. */
export function expectBlock(expectation: Expectation, block: number) {
  const { answers, rows, prior, confusion, posterior, sums } = expectation;
  const { items, classes: K, itemStart, weight, truth } = answers;
  const blocks = blocksOf(answers);
  const own = sums.subarray(block * sumsOf(answers), (block + 1) * sumsOf(answers)).fill(0);
  const classes = own.subarray(1, 1 + K);
  const counts = own.subarray(1 + K);
  const end = Math.floor(((block + 1) * items) / blocks);
  let logLikelihood = 0;
  let likelihood = 1;
  for (let i = Math.floor((block * items) / blocks); i < end; i++) {
    const at = i * K;
    const [from, to] = [itemStart[i], itemStart[i + 1]];
    const plain = !weight && !(truth && truth[i] >= 0);
    const sum = plain ? multiply(prior, confusion, rows, from, to, posterior, at) : 0;
    if (sum > TINY) {
      likelihood *= sum;
      if (likelihood < TINY) {
        logLikelihood += Math.log(likelihood);
        likelihood = 1;
      }
      const scale = 1 / sum;
      for (let k = 0; k < K; k++) posterior[at + k] *= scale;
      count(posterior, at, K, rows, from, to, counts);
    } else {
      logLikelihood += inferFromLogs(expectation, i);
      for (let n = from; n < to; n++) {
        const w = weight ? weight[n] : 1;
        for (let k = 0; k < K; k++) counts[rows[n] + k] += w * posterior[at + k];
      }
    }
    for (let k = 0; k < K; k++) classes[k] += posterior[at + k];
  }
  own[0] = logLikelihood + Math.log(likelihood);
}

/**
 * p_k ∏ π^l_ky of the labels from `from` to `to`, into `posterior` at `at`; two classes at a time, to stay in registers.
 *
 * @returns their sum
 */
function multiply(
  prior: Float64Array,
  confusion: Float64Array,
  rows: Int32Array,
  from: number,
  to: number,
  posterior: Float64Array,
  at: number,
): number {
  const K = prior.length;
  let sum = 0;
  for (let k = K % 2; k < K; k += 2) {
    let p = prior[k];
    let q = prior[k + 1];
    for (let n = from; n < to; n++) {
      const row = rows[n] + k;
      p *= confusion[row];
      q *= confusion[row + 1];
    }
    posterior[at + k] = p;
    posterior[at + k + 1] = q;
    sum += p + q;
  }
  if (K % 2 === 1) {
    let p = prior[0];
    for (let n = from; n < to; n++) p *= confusion[rows[n]];
    posterior[at] = p;
    sum += p;
  }
  return sum;
}

/** Adds the posterior at `at` to the counts of the labels from `from` to `to`, two classes at a time. */
function count(
  posterior: Float64Array,
  at: number,
  K: number,
  rows: Int32Array,
  from: number,
  to: number,
  counts: Float64Array,
) {
  for (let k = K % 2; k < K; k += 2) {
    const p = posterior[at + k];
    const q = posterior[at + k + 1];
    for (let n = from; n < to; n++) {
      const row = rows[n] + k;
      counts[row] += p;
      counts[row + 1] += q;
    }
  }
  if (K % 2 === 1) {
    for (let n = from; n < to; n++) counts[rows[n]] += posterior[at];
  }
}

/**
 * Infers the class of an item from logarithms: for weighted labels, for known truths, and where products are too small.
 *
 * @returns the log-likelihood of its labels
 */
function inferFromLogs(expectation: Expectation, item: number): number {
  const { answers, rows, logPrior, logConfusion, posterior } = expectation;
  const { classes: K, itemStart, weight, truth } = answers;
  const at = item * K;
  for (let k = 0; k < K; k++) posterior[at + k] = logPrior[k];
  for (let n = itemStart[item]; n < itemStart[item + 1]; n++) {
    const w = weight ? weight[n] : 1;
    for (let k = 0; k < K; k++) posterior[at + k] += w * logConfusion[rows[n] + k];
  }
  const known = truth ? truth[item] : -1;
  if (known < 0) return normaliseLog(posterior, at, K);
  const logLikelihood = posterior[at + known];
  for (let k = 0; k < K; k++) posterior[at + k] = k === known ? 1 : 0;
  return logLikelihood;
}

/**
 * Adds the sums of all blocks to counts of zero.
 *
 * @returns the log-likelihood [N eq. 34]
 */
export function addBlocks(
  { answers, sums }: Expectation,
  into: { classes: Float64Array; answers: Float64Array },
): number {
  const K = answers.classes;
  const size = sumsOf(answers);
  into.classes.fill(0);
  into.answers.fill(0);
  let logLikelihood = 0;
  for (let start = 0; start < sums.length; start += size) {
    logLikelihood += sums[start];
    for (let k = 0; k < K; k++) into.classes[k] += sums[start + 1 + k];
    for (let j = 0; j < into.answers.length; j++) into.answers[j] += sums[start + 1 + K + j];
  }
  return logLikelihood;
}
