/**
 * @file Yan's model [Yan et al. 2010]: how reliable an annotator is depends on the item. The answer of annotator l to an
 * item x is right with probability σ(w_lᵀx + γ_l), wrong ones are equally likely, and a classifier gives p(class | x).
 */

import * as z from "zod";
import { type Annotations, labelsOf } from "./annotations.js";
import { ascend } from "./ascent.js";
import { emOptions, type LabelFit, maximise, mostProbable, optionsOf, pinTruth } from "./fit.js";
import type { Items } from "./items.js";
import { normaliseLog } from "./log-weights.js";
import { improveLogistic, logProbabilities, logSigmoid, penaltyOf } from "./logistic.js";
import { shares } from "./majority-vote.js";
import { alignedFeatures } from "./raykar.js";

export const yanSchema = z.strictObject({
  l2: z.number().min(0).default(1).describe("weight of the L2 penalty ½ ‖w‖² of the classifier"),
  expertiseL2: z
    .number()
    .positive()
    .default(10)
    .describe(
      "weight of the L2 penalty ½ ‖w_l‖² of the expertise of each annotator: with few labels it depends little on the item",
    ),
  steps: z.int().min(1).default(10).describe("quasi-Newton steps of each part in an M step"),
  ...emOptions,
});

export type YanOptions = z.input<typeof yanSchema>;

export interface YanFit extends LabelFit {
  /** `[annotators]`: the mean probability of a right answer, over the annotated items. */
  readonly ability: Float64Array;
  /** `[annotators, features + 1]`: w_l and γ_l, on features of deviation 1. */
  readonly expertiseWeights: Float64Array;
  /** The probability of a right answer of each annotator to each item, `[items, annotators]`. */
  expertise(items: Items): Float64Array;
  /** The classifier's probabilities of the classes, `[items, classes]`. */
  predict(items: Items): Float64Array;
}

/**
 * Fits Yan's model by expectation maximisation with quasi-Newton M steps. The log-likelihood, less the penalties and a
 * penalty ½ (γ_l − 1)² of each bias, never falls.
 *
 * @throws UsageError for invalid options, and for annotated items without features
 */
export function yan(annotations: Annotations, items: Items, options?: YanOptions): YanFit {
  const { l2, expertiseL2, steps, ...em } = optionsOf("yan", yanSchema, options);
  const { items: N, annotators: R, classes: K, itemStart, annotator, label, weight, truth } = annotations;
  const { x, width, inputs } = alignedFeatures("yan", annotations, items);
  const posterior = shares(annotations);
  pinTruth(annotations, posterior);
  const weights = new Float64Array((width + 1) * K);
  const own = Array.from({ length: R }, () => {
    const w = new Float64Array(width + 1);
    w[width] = 1;
    return w;
  });
  const labelsBy: { item: number; n: number }[][] = Array.from({ length: R }, () => []);
  for (let i = 0; i < N; i++) {
    for (let n = itemStart[i]; n < itemStart[i + 1]; n++) labelsBy[annotator[n]].push({ item: i, n });
  }
  const score = (w: Float64Array, rows: Float32Array, i: number) => {
    let sum = w[width];
    for (let j = 0; j < width; j++) sum += w[j] * rows[i * width + j];
    return sum;
  };

  function maximisation(): void {
    improveLogistic(x, width, posterior, weights, { classes: K, l2, steps });
    for (let l = 0; l < R; l++) {
      ascend(
        own[l],
        (w, gradient) => {
          gradient.fill(0);
          let value = 0;
          for (const { item, n } of labelsBy[l]) {
            const right = posterior[item * K + label[n]];
            const s = score(w, x, item);
            const scale = weight ? weight[n] : 1;
            value += scale * (right * logSigmoid(s) + (1 - right) * logSigmoid(-s));
            const slope = scale * (right - 1 / (1 + Math.exp(-s)));
            for (let j = 0; j < width; j++) gradient[j] += slope * x[item * width + j];
            gradient[width] += slope;
          }
          for (let j = 0; j < width; j++) {
            value -= 0.5 * expertiseL2 * w[j] * w[j];
            gradient[j] -= expertiseL2 * w[j];
          }
          value -= 0.5 * (w[width] - 1) ** 2;
          gradient[width] -= w[width] - 1;
          return value;
        },
        steps,
      );
    }
  }

  function expectation(): number {
    const logs = logProbabilities(x, width, weights, K);
    const guesses = Math.log(Math.max(1, K - 1));
    const row = new Float64Array(K);
    let sum = 0;
    for (let i = 0; i < N; i++) {
      for (let k = 0; k < K; k++) row[k] = logs[i * K + k];
      for (let n = itemStart[i]; n < itemStart[i + 1]; n++) {
        const s = score(own[annotator[n]], x, i);
        const w = weight ? weight[n] : 1;
        for (let k = 0; k < K; k++) {
          row[k] += w * (k === label[n] ? logSigmoid(s) : logSigmoid(-s) - guesses);
        }
      }
      const known = truth ? truth[i] : -1;
      sum += known >= 0 ? row[known] : normaliseLog(row, 0, K);
      if (known >= 0) for (let k = 0; k < K; k++) row[k] = k === known ? 1 : 0;
      posterior.set(row, i * K);
    }
    return sum;
  }

  const penalty = () => {
    let sum = penaltyOf(weights, K, l2);
    for (const w of own) {
      for (let j = 0; j < width; j++) sum += 0.5 * expertiseL2 * w[j] * w[j];
      sum += 0.5 * (w[width] - 1) ** 2;
    }
    return sum;
  };

  maximisation();
  let logLikelihood = Number.NaN;
  const ended = maximise(labelsOf(annotations), em, () => {
    logLikelihood = expectation();
    const objective = logLikelihood - penalty();
    maximisation();
    return objective;
  });
  const expertiseOf = (rows: Float32Array) => {
    const count = rows.length / width;
    const out = new Float64Array(count * R);
    for (let i = 0; i < count; i++) {
      for (let l = 0; l < R; l++) out[i * R + l] = 1 / (1 + Math.exp(-score(own[l], rows, i)));
    }
    return out;
  };
  const prior = new Float64Array(K);
  for (let i = 0; i < posterior.length; i++) prior[i % K] += posterior[i] / N;
  const ability = new Float64Array(R);
  const all = expertiseOf(x);
  for (let i = 0; i < all.length; i++) ability[i % R] += all[i] / N;
  const expertiseWeights = new Float64Array(R * (width + 1));
  for (const [l, w] of own.entries()) expertiseWeights.set(w, l * (width + 1));
  return {
    ...{ posterior, labels: mostProbable(posterior, K), prior, ability, expertiseWeights },
    ...{ logLikelihood, ...ended },
    expertise: (others) => expertiseOf(inputs(others)),
    predict: (others) => logProbabilities(inputs(others), width, weights, K).map(Math.exp),
  };
}
