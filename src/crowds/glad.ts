/**
 * @file GLAD [Whitehill et al. 2009]: the answer of annotator l to item n is right with probability σ(α_l β_n), with an
 * ability α_l of either sign and an easiness β_n = exp b_n > 0, and wrong ones are equally likely.
 */

import * as z from "zod";
import { type Annotations, labelsOf } from "./annotations.js";
import {
  emOptions,
  inferClasses,
  type LabelFit,
  maximise,
  mostProbable,
  optionsOf,
  pinTruth,
} from "./fit.js";
import { logSigmoid } from "./logistic.js";
import { shares } from "./majority-vote.js";

export const gladSchema = z.strictObject({
  sweeps: z.int().min(1).default(3).describe("Newton steps for each α and each b in an M step"),
  ...emOptions,
});

export type GladOptions = z.input<typeof gladSchema>;

export interface GladFit extends LabelFit {
  /** `[annotators]`: σ(α_l), the probability of a right answer to an item of easiness 1. */
  readonly ability: Float64Array;
  /** `[annotators]`: α. Below 0, answers are worse than by chance. */
  readonly alpha: Float64Array;
  /** `[items]`: β, above 1 for items that are easier than most. */
  readonly easiness: Float64Array;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/**
 * Fits GLAD by expectation maximisation with the priors α ~ N(1, 1) and b ~ N(0, 1), and classes equally likely. The M
 * step takes Newton steps in one number at a time, each halved until it raises the objective, so that the fit never falls.
 *
 * @throws UsageError for invalid options
 */
export function glad(annotations: Annotations, options?: GladOptions): GladFit {
  const { sweeps, ...em } = optionsOf("glad", gladSchema, options);
  const { items, annotators, classes: K, itemStart, annotator, label, weight } = annotations;
  const posterior = shares(annotations);
  pinTruth(annotations, posterior);
  const prior = new Float64Array(K).fill(1 / K);
  const alpha = new Float64Array(annotators).fill(1);
  const b = new Float64Array(items);
  const [itemOf, byAnnotator, annotatorStart] = indexByAnnotator(annotations);
  /** `[labels]`: the probability that the label is right. */
  const right = new Float64Array(label.length);

  function expectRight(): void {
    for (let i = 0; i < items; i++) {
      for (let n = itemStart[i]; n < itemStart[i + 1]; n++) right[n] = posterior[i * K + label[n]];
    }
  }

  /** w [p log σ(x) + (1 − p) log(1 − σ(x))] of a label. */
  const expected = (n: number, x: number): number => {
    const value = right[n] * logSigmoid(x) + (1 - right[n]) * logSigmoid(-x);
    return weight ? weight[n] * value : value;
  };

  function stepAlpha(l: number): void {
    const [from, to] = [annotatorStart[l], annotatorStart[l + 1]];
    const value = (a: number): number => {
      let sum = -0.5 * (a - 1) ** 2;
      for (let m = from; m < to; m++)
        sum += expected(byAnnotator[m], a * Math.exp(b[itemOf[byAnnotator[m]]]));
      return sum;
    };
    let [slope, curvature] = [1 - alpha[l], 1];
    for (let m = from; m < to; m++) {
      const n = byAnnotator[m];
      const beta = Math.exp(b[itemOf[n]]);
      const s = sigmoid(alpha[l] * beta);
      const w = weight ? weight[n] : 1;
      slope += w * beta * (right[n] - s);
      curvature += w * beta * beta * s * (1 - s);
    }
    alpha[l] = ascended(value, alpha[l], slope / curvature);
  }

  function stepEasiness(i: number): void {
    const [from, to] = [itemStart[i], itemStart[i + 1]];
    const value = (log: number): number => {
      let sum = -0.5 * log * log;
      const beta = Math.exp(log);
      for (let n = from; n < to; n++) sum += expected(n, alpha[annotator[n]] * beta);
      return sum;
    };
    let [slope, curvature] = [-b[i], 1];
    for (let n = from; n < to; n++) {
      const x = alpha[annotator[n]] * Math.exp(b[i]);
      const s = sigmoid(x);
      const w = weight ? weight[n] : 1;
      slope += w * x * (right[n] - s);
      curvature += w * x * x * s * (1 - s);
    }
    b[i] = ascended(value, b[i], slope / curvature);
  }

  function maximisation(): void {
    expectRight();
    for (let sweep = 0; sweep < sweeps; sweep++) {
      for (let l = 0; l < annotators; l++) stepAlpha(l);
      for (let i = 0; i < items; i++) stepEasiness(i);
    }
  }

  /** E step. @returns the log-likelihood of the parameters */
  function expectation(): number {
    const x = (n: number, i: number) => alpha[annotator[n]] * Math.exp(b[i]);
    return inferClasses(
      annotations,
      posterior,
      prior.map(Math.log),
      (n, i) => logSigmoid(x(n, i)),
      (n, i) => logSigmoid(-x(n, i)) - Math.log(Math.max(1, K - 1)),
    );
  }

  let logLikelihood = Number.NaN;
  maximisation();
  const ended = maximise(labelsOf(annotations), em, () => {
    logLikelihood = expectation();
    let objective = logLikelihood;
    for (const a of alpha) objective -= 0.5 * (a - 1) ** 2;
    for (const log of b) objective -= 0.5 * log * log;
    maximisation();
    return objective;
  });
  return {
    ...{ posterior, labels: mostProbable(posterior, K), prior },
    ...{ ability: alpha.map(sigmoid), alpha, easiness: b.map(Math.exp), logLikelihood, ...ended },
  };
}

/** `x + step`, with the step halved until `value` does not fall; `x` if it always does. */
function ascended(value: (x: number) => number, x: number, step: number): number {
  const before = value(x);
  for (let factor = 1; factor > 1e-6; factor /= 2) {
    if (value(x + factor * step) >= before) return x + factor * step;
  }
  return x;
}

/** The item of each label, the labels of each annotator one after the other, and where those of an annotator start. */
function indexByAnnotator({ items, annotators, itemStart, annotator }: Annotations) {
  const labels = annotator.length;
  const [itemOf, byAnnotator] = [new Int32Array(labels), new Int32Array(labels)];
  const start = new Int32Array(annotators + 1);
  for (let n = 0; n < labels; n++) start[annotator[n] + 1]++;
  for (let l = 0; l < annotators; l++) start[l + 1] += start[l];
  const next = start.slice(0, annotators);
  for (let i = 0; i < items; i++) {
    for (let n = itemStart[i]; n < itemStart[i + 1]; n++) {
      itemOf[n] = i;
      byAnnotator[next[annotator[n]]++] = n;
    }
  }
  return [itemOf, byAnnotator, start] as const;
}
