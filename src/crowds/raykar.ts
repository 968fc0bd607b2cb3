/**
 * @file Raykar's model [Raykar et al. 2010] [N §2.3]: a classifier of the features takes the place of the prior, and is
 * fitted together with the confusion matrices of Dawid and Skene's model.
 *
 * N eq. 39 fits the matrices to the classifier alone; here, as in the paper, to the posterior, which the labels decide
 * too. For two classes, row 0 of a matrix is (β, 1 − β) and row 1 (1 − α, α), of the paper's specificity and sensitivity.
 */

import * as z from "zod";
import { type Annotations, labelsOf } from "./annotations.js";
import { countsOf, parametersOf } from "./dawid-skene.js";
import {
  abilityOf,
  emOptions,
  type LabelFit,
  maximise,
  mostProbable,
  optionsOf,
  pinTruth,
  requireMatrices,
  transposed,
} from "./fit.js";
import { type Items, inputsOf, rowsFor, standardOf } from "./items.js";
import { logOf, normaliseLog } from "./log-weights.js";
import { improveLogistic, logProbabilities, penaltyOf } from "./logistic.js";
import { shares } from "./majority-vote.js";

export const raykarSchema = z.strictObject({
  diagonal: z
    .number()
    .min(0)
    .default(0.5)
    .describe("right answers that each row of a confusion matrix starts with"),
  offDiagonal: z.number().min(0).default(0.05).describe("wrong answers of each class that it starts with"),
  l2: z
    .number()
    .min(0)
    .default(1)
    .describe("weight of the L2 penalty ½ ‖w‖² of the classifier, whose features have deviation 1"),
  steps: z.int().min(1).default(10).describe("quasi-Newton steps of the classifier in an M step"),
  init: z
    .enum(["votes", "classifier"])
    .default("votes")
    .describe(
      "the first posterior: the shares of an item's labels, or the class that a classifier of them predicts, which is right " +
        "where features say more than labels: with one label an item, no likelihood tells a good annotator and a poor " +
        "classifier from the opposite",
    ),
  ...emOptions,
});

export type RaykarOptions = z.input<typeof raykarSchema>;

export interface RaykarFit extends LabelFit {
  readonly confusion: Float64Array;
  readonly ability: Float64Array;
  /** `[features + 1, classes]`: weights of the classifier on features of deviation 1; the last row is the bias. */
  readonly weights: Float64Array;
  /** The classifier's probabilities of the classes of any items, `[items, classes]`. */
  predict(items: Items): Float64Array;
}

/**
 * Fits a logistic classifier and confusion matrices by expectation maximisation. The log-likelihood, with the log priors
 * of the matrices and the penalty of the classifier, never falls: the classifier's step has a line search.
 *
 * A network in place of the logistic classifier is the learner `aggNet`.
 *
 * @throws UsageError for invalid options, for annotated items without features, and for more annotators × classes² than fit in memory
 */
export function raykar(annotations: Annotations, items: Items, options?: RaykarOptions): RaykarFit {
  const resolved = optionsOf("raykar", raykarSchema, options);
  requireMatrices("raykar", annotations);
  const { classes: K } = annotations;
  const { x, width, inputs } = alignedFeatures("raykar", annotations, items);
  const smoothing = { diagonal: resolved.diagonal, offDiagonal: resolved.offDiagonal, prior: 0 };
  const logistic = { classes: K, l2: resolved.l2, steps: resolved.steps };
  const posterior = shares(annotations);
  pinTruth(annotations, posterior);
  const weights = new Float64Array((width + 1) * K);
  if (resolved.init === "classifier") {
    improveLogistic(x, width, posterior, weights, { ...logistic, steps: 100 });
    const predicted = mostProbable(logProbabilities(x, width, weights, K), K);
    posterior.fill(0);
    for (const [i, k] of predicted.entries()) posterior[i * K + k] = 1;
    pinTruth(annotations, posterior);
  }
  let parameters = parametersOf(annotations, countsOf(annotations, posterior), { smoothing });
  improveLogistic(x, width, posterior, weights, logistic);
  let logLikelihood = Number.NaN;
  const ended = maximise(labelsOf(annotations), resolved, () => {
    const logs = logProbabilities(x, width, weights, K);
    logLikelihood = inferWith(annotations, logs, parameters.confusion, posterior);
    let objective = logLikelihood - penaltyOf(weights, K, resolved.l2);
    for (let at = 0; at < parameters.confusion.length; at++) {
      const isRight = Math.floor(at / K) % K === at % K;
      const alpha = isRight ? resolved.diagonal : resolved.offDiagonal;
      if (alpha > 0) objective += alpha * logOf(parameters.confusion[at]);
    }
    parameters = parametersOf(annotations, countsOf(annotations, posterior), { smoothing });
    improveLogistic(x, width, posterior, weights, logistic);
    return objective;
  });
  const confusion = transposed(parameters.confusion, K);
  const { prior } = parameters;
  return {
    ...{
      posterior,
      labels: mostProbable(posterior, K),
      prior,
      confusion,
      ability: abilityOf(confusion, prior),
    },
    ...{ weights, logLikelihood, ...ended },
    predict: (others) => logProbabilities(inputs(others), width, weights, K).map(Math.exp),
  };
}

/** The features of the annotated items, of mean 0 and deviation 1, and a function that scales others in the same way. */
export function alignedFeatures(name: string, annotations: Annotations, items: Items) {
  const rows = rowsFor(name, annotations, items);
  const standard = standardOf(items, rows);
  return {
    x: inputsOf(items, standard, rows),
    width: items.columns.length,
    inputs: (others: Items) => inputsOf(others, standard),
  };
}

/**
 * E step: p(k | x, labels) ∝ f_k(x) ∏ π^l_ky, into `posterior`, with known truths kept.
 *
 * @param logs `[items, classes]`: log f
 * @param confusion `[annotators, observed, true]`
 * @returns Σ log p(labels of an item | x)
 */
export function inferWith(
  { items, classes: K, itemStart, annotator, label, weight, truth }: Annotations,
  logs: ArrayLike<number>,
  confusion: Float64Array,
  posterior: Float64Array | Float32Array,
): number {
  const row = new Float64Array(K);
  let sum = 0;
  for (let i = 0; i < items; i++) {
    for (let k = 0; k < K; k++) row[k] = logs[i * K + k];
    for (let n = itemStart[i]; n < itemStart[i + 1]; n++) {
      const at = (annotator[n] * K + label[n]) * K;
      const w = weight ? weight[n] : 1;
      for (let k = 0; k < K; k++) row[k] += w * logOf(confusion[at + k]);
    }
    const known = truth ? truth[i] : -1;
    sum += known >= 0 ? row[known] : normaliseLog(row, 0, K);
    if (known >= 0) for (let k = 0; k < K; k++) row[k] = k === known ? 1 : 0;
    posterior.set(row, i * K);
  }
  return sum;
}
