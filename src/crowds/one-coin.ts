/** @file The one-coin model: each annotator is right with one probability, and errs uniformly [N §2.1]. */

import * as z from "zod";
import { type Annotations, labelsOf } from "./annotations.js";
import {
  emOptions,
  inferClasses,
  type LabelFit,
  matricesFit,
  maximise,
  mostProbable,
  optionsOf,
  pinTruth,
} from "./fit.js";
import { logOf } from "./log-weights.js";
import { normalise, shares } from "./majority-vote.js";

export const oneCoinSchema = z.strictObject({
  smoothing: z
    .strictObject({
      right: z.number().min(0).default(0).describe("right answers that each annotator starts with"),
      wrong: z.number().min(0).default(0).describe("wrong answers that each annotator starts with"),
    })
    .prefault({})
    .describe("Beta pseudo-counts"),
  ...emOptions,
});

export type OneCoinOptions = z.input<typeof oneCoinSchema>;

export interface OneCoinFit extends LabelFit {
  readonly ability: Float64Array;
}

/**
 * Fits π^l with a_l on its diagonal and (1 − a_l) / (K − 1) elsewhere, by expectation maximisation. An annotator without
 * labels has ability ½.
 *
 * A crowd of many annotators who always give the same answer defeats it: use `dawidSkene` where labels suffice.
 *
 * @throws UsageError for invalid options
 */
export function oneCoin(annotations: Annotations, options?: OneCoinOptions): OneCoinFit {
  const { smoothing, ...em } = optionsOf("oneCoin", oneCoinSchema, options);
  const { items, annotators, classes: K, itemStart, annotator, label, weight } = annotations;
  const posterior = shares(annotations);
  pinTruth(annotations, posterior);
  const ability = new Float64Array(annotators);
  const prior = new Float64Array(K);

  /** M step: the expected share of right answers, and of each class. */
  function maximisation(): void {
    const right = new Float64Array(annotators).fill(smoothing.right);
    const total = new Float64Array(annotators).fill(smoothing.right + smoothing.wrong);
    prior.fill(0);
    for (let i = 0; i < items; i++) {
      for (let k = 0; k < K; k++) prior[k] += posterior[i * K + k];
      for (let n = itemStart[i]; n < itemStart[i + 1]; n++) {
        const w = weight ? weight[n] : 1;
        right[annotator[n]] += w * posterior[i * K + label[n]];
        total[annotator[n]] += w;
      }
    }
    normalise(prior, 0, K, () => 1 / K);
    for (let l = 0; l < annotators; l++) ability[l] = total[l] > 0 ? right[l] / total[l] : 0.5;
  }

  /** E step. @returns the log-likelihood of the parameters */
  function expectation(): number {
    const logPrior = prior.map(logOf);
    const [logRight, logWrong] = [
      ability.map(logOf),
      ability.map((a) => logOf((1 - a) / Math.max(1, K - 1))),
    ];
    return inferClasses(
      annotations,
      posterior,
      logPrior,
      (n) => logRight[annotator[n]],
      (n) => logWrong[annotator[n]],
    );
  }

  let logLikelihood = Number.NaN;
  maximisation();
  const ended = maximise(labelsOf(annotations), em, () => {
    logLikelihood = expectation();
    let objective = logLikelihood;
    for (const a of ability) {
      if (smoothing.right > 0) objective += smoothing.right * logOf(a);
      if (smoothing.wrong > 0) objective += smoothing.wrong * logOf((1 - a) / Math.max(1, K - 1));
    }
    maximisation();
    return objective;
  });
  return {
    posterior,
    labels: mostProbable(posterior, K),
    prior,
    ability,
    ...(matricesFit(annotations) && { confusion: matricesOf(ability, K) }),
    logLikelihood,
    ...ended,
  };
}

/** `[annotators, true, observed]` */
function matricesOf(ability: Float64Array, K: number): Float64Array {
  const confusion = new Float64Array(ability.length * K * K);
  for (let at = 0; at < confusion.length; at++) {
    const right = ability[Math.floor(at / (K * K))];
    const isRight = Math.floor(at / K) % K === at % K;
    confusion[at] = K === 1 ? 1 : isRight ? right : (1 - right) / (K - 1);
  }
  return confusion;
}
