/** @file How well a reward predicts answers: accuracy, log loss and calibration, of all annotators and of each. */

import type { Prediction } from "./likelihood.js";

export interface PredictionScores {
  /** Number of answers. */
  count: number;
  /** Share of the choices of a side that are predicted; absent without any. */
  accuracy?: number;
  /** Mean cross-entropy (nats). */
  logLoss: number;
  /** Mean difference of the predicted and the true share of left, over the bins, weighted by their answers. */
  calibrationError: number;
  /** The answers by predicted P(left), in ten bins of equal width. */
  bins: { count: number; predicted: number; observed: number }[];
}

const BINS = 10;

const logOf = (p: number) => Math.log(Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, p)));

export function scoresOf(predictions: readonly Prediction[]): PredictionScores {
  const bins = Array.from({ length: BINS }, () => ({ count: 0, predicted: 0, observed: 0 }));
  let [right, decided, loss] = [0, 0, 0];
  for (const { target, probability, tie } of predictions) {
    if (target !== 0.5) {
      decided++;
      if (probability > 0.5 === target > 0.5) right++;
    }
    if (tie === undefined) loss -= target * logOf(probability) + (1 - target) * logOf(1 - probability);
    else if (target === 0.5) loss -= logOf(tie);
    else loss -= logOf((target === 1 ? probability : 1 - probability) - tie / 2);
    const bin = bins[Math.min(BINS - 1, Math.floor(probability * BINS))];
    bin.count++;
    bin.predicted += probability;
    bin.observed += target;
  }
  const { length: count } = predictions;
  const error = bins.reduce((sum, { predicted, observed }) => sum + Math.abs(predicted - observed), 0);
  return {
    count,
    ...(decided > 0 && { accuracy: right / decided }),
    logLoss: loss / count,
    calibrationError: error / count,
    bins: bins.map((bin) => ({
      count: bin.count,
      predicted: bin.predicted / bin.count,
      observed: bin.observed / bin.count,
    })),
  };
}

/** The scores of each annotator's answers, by name. */
export function scoresByAnnotator(predictions: readonly Prediction[]): Record<string, PredictionScores> {
  const names = [...new Set(predictions.map(({ annotator = "" }) => annotator))].sort();
  return Object.fromEntries(
    names.map((name) => [name, scoresOf(predictions.filter(({ annotator = "" }) => annotator === name))]),
  );
}
