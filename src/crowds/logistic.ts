/**
 * @file Multinomial logistic regression on soft labels, the classifier of the models with features, and the logistic
 * function of models of right answers.
 */

import { ascend } from "./ascent.js";
import { normaliseLog } from "./log-weights.js";

/** log σ(x), without overflow. */
export const logSigmoid = (x: number): number => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));

/** Log-probabilities `[items, classes]` of weights `[width + 1, classes]`, whose last row is the bias. */
export function logProbabilities(
  x: Float32Array,
  width: number,
  weights: Float64Array,
  classes: number,
): Float64Array {
  const items = x.length / width;
  const out = new Float64Array(items * classes);
  const row = new Float64Array(classes);
  for (let i = 0; i < items; i++) {
    const sum = scores(x, i, width, weights, row);
    for (let k = 0; k < classes; k++) out[i * classes + k] = row[k] - sum;
  }
  return out;
}

/** The scores of item i, into `row`. @returns the log of the sum of their exponentials */
function scores(x: Float32Array, i: number, width: number, weights: Float64Array, row: Float64Array): number {
  const K = row.length;
  for (let k = 0; k < K; k++) row[k] = weights[width * K + k];
  for (let j = 0; j < width; j++) {
    const value = x[i * width + j];
    for (let k = 0; k < K; k++) row[k] += value * weights[j * K + k];
  }
  let most = row[0];
  for (let k = 1; k < K; k++) most = Math.max(most, row[k]);
  let sum = 0;
  for (let k = 0; k < K; k++) sum += Math.exp(row[k] - most);
  return most + Math.log(sum);
}

/**
 * Improves weights, in place, by up to `steps` quasi-Newton steps up Σ_n Σ_k q_nk log f_k(x_n) − l2/2 ‖w‖², without a
 * penalty of the bias.
 *
 * @param targets `[items, classes]`: q
 */
export function improveLogistic(
  x: Float32Array,
  width: number,
  targets: Float64Array,
  weights: Float64Array,
  { classes: K, l2, steps }: { classes: number; l2: number; steps: number },
): void {
  const items = x.length / width;
  const row = new Float64Array(K);
  ascend(
    weights,
    (w, gradient) => {
      gradient.fill(0);
      let value = 0;
      for (let i = 0; i < items; i++) {
        scores(x, i, width, w, row);
        let mass = 0;
        for (let k = 0; k < K; k++) {
          value += targets[i * K + k] * row[k];
          mass += targets[i * K + k];
        }
        value -= mass * normaliseLog(row, 0, K);
        for (let k = 0; k < K; k++) row[k] = targets[i * K + k] - mass * row[k];
        for (let j = 0; j < width; j++) {
          const own = x[i * width + j];
          for (let k = 0; k < K; k++) gradient[j * K + k] += own * row[k];
        }
        for (let k = 0; k < K; k++) gradient[width * K + k] += row[k];
      }
      for (let at = 0; at < width * K; at++) {
        value -= 0.5 * l2 * w[at] * w[at];
        gradient[at] -= l2 * w[at];
      }
      return value;
    },
    steps,
  );
}

/** l2/2 ‖w‖² of weights `[width + 1, classes]`, without the bias. */
export function penaltyOf(weights: Float64Array, classes: number, l2: number): number {
  let sum = 0;
  for (let at = 0; at < weights.length - classes; at++) sum += weights[at] * weights[at];
  return 0.5 * l2 * sum;
}
