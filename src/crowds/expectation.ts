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
  /** `[classes]` and `[annotators, observed, true]`: the logarithms of the parameters. */
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

/** @param floats allocates the arrays */
export function createExpectation(
  answers: Answers,
  floats: (length: number) => Float64Array = (length) => new Float64Array(length),
): Expectation {
  return {
    answers,
    logPrior: floats(answers.classes),
    logConfusion: floats(answersOf(answers)),
    posterior: floats(answers.items * answers.classes),
    sums: floats(blocksOf(answers) * sumsOf(answers)),
  };
}

/** Infers the classes of the items of a block, into `posterior`, and counts them, into `sums`. */
export function expectBlock(
  { answers, logPrior, logConfusion, posterior, sums }: Expectation,
  block: number,
) {
  const { items, classes: K, itemStart, annotator, label, weight, truth } = answers;
  const blocks = blocksOf(answers);
  const own = sums.subarray(block * sumsOf(answers), (block + 1) * sumsOf(answers)).fill(0);
  const classes = own.subarray(1, 1 + K);
  const counts = own.subarray(1 + K);
  const end = Math.floor(((block + 1) * items) / blocks);
  let logLikelihood = 0;
  for (let i = Math.floor((block * items) / blocks); i < end; i++) {
    const row = i * K;
    const [from, to] = [itemStart[i], itemStart[i + 1]];
    for (let k = 0; k < K; k++) posterior[row + k] = logPrior[k];
    for (let n = from; n < to; n++) {
      const at = (annotator[n] * K + label[n]) * K;
      const w = weight ? weight[n] : 1;
      for (let k = 0; k < K; k++) posterior[row + k] += w * logConfusion[at + k];
    }
    const known = truth ? truth[i] : -1;
    if (known < 0) logLikelihood += normaliseLog(posterior, row, K);
    else {
      logLikelihood += posterior[row + known];
      for (let k = 0; k < K; k++) posterior[row + k] = k === known ? 1 : 0;
    }
    for (let k = 0; k < K; k++) classes[k] += posterior[row + k];
    for (let n = from; n < to; n++) {
      const at = (annotator[n] * K + label[n]) * K;
      const w = weight ? weight[n] : 1;
      for (let k = 0; k < K; k++) counts[at + k] += w * posterior[row + k];
    }
  }
  own[0] = logLikelihood;
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
