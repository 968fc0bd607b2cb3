/**
 * @file Naive Bayes: sums by class, from which probabilities follow, so that one more example is an addition. That makes
 * it the model of expected error reduction.
 */

import type { Classifier, ClassifierData, Examples, Model } from "../../../src/active/index.js";
import { widthOf } from "../../../src/datasets/labelled.js";
import { UsageError } from "../../../src/errors.js";

/** What is assumed of features given the class: normal with a variance each, or counts of a multinomial. */
export const naiveBayesModels = ["gaussian", "multinomial"] as const;

interface Sums {
  /** `[K]`: examples of each class. */
  readonly examples: Float64Array;
  /** `[K, width]` */
  readonly sums: Float64Array;
  readonly squares: Float64Array;
}

/** Prior examples of each class, of its mean and its variance (or of each count, with Laplace's rule). */
const PRIOR = 1;

export function naiveBayes(
  { shape, classes: K }: ClassifierData,
  model: (typeof naiveBayesModels)[number],
): Classifier {
  const width = widthOf(shape);

  function added(into: Sums, { features, targets, count }: Examples): void {
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < K; k++) {
        const weight = targets[i * K + k];
        if (weight === 0) continue;
        into.examples[k] += weight;
        for (let j = 0; j < width; j++) {
          const x = features[i * width + j];
          into.sums[k * width + j] += weight * x;
          into.squares[k * width + j] += weight * x * x;
        }
      }
    }
  }

  const requireCounts = (features: Float32Array) => {
    const wrong = model === "multinomial" ? features.findIndex((x) => x < 0) : -1;
    if (wrong < 0) return;
    throw new UsageError(
      `the multinomial naive Bayes counts, and feature ${wrong % width} of an item is ${features[wrong]}: use gaussian`,
    );
  };

  return {
    name: "naive-bayes",
    raw: true,

    async fit(examples) {
      requireCounts(examples.features);
      const sums: Sums = {
        examples: new Float64Array(K),
        sums: new Float64Array(K * width),
        squares: new Float64Array(K * width),
      };
      added(sums, examples);
      return { ...sums };
    },

    async probabilities(fitted, features) {
      requireCounts(features);
      const { constants, linear, quadratic } = coefficients(fitted as unknown as Sums, width, model);
      const out = new Float32Array((features.length / width) * K);
      const logs = new Float64Array(K);
      for (let i = 0; i < features.length / width; i++) {
        for (let k = 0; k < K; k++) {
          let sum = constants[k];
          for (let j = 0; j < width; j++) {
            const x = features[i * width + j];
            sum += x * (linear[k * width + j] + x * quadratic[k * width + j]);
          }
          logs[k] = sum;
        }
        const most = logs.reduce((a, b) => Math.max(a, b));
        const total = logs.reduce((sum, x) => sum + Math.exp(x - most), 0);
        for (let k = 0; k < K; k++) out[i * K + k] = Math.exp(logs[k] - most) / total;
      }
      return out;
    },

    updated(fitted, features, label) {
      const { examples, sums, squares } = fitted as unknown as Sums;
      const after: Sums = { examples: examples.slice(), sums: sums.slice(), squares: squares.slice() };
      const targets = new Float32Array(K);
      targets[label] = 1;
      added(after, { features, targets, count: 1 });
      return { ...after } as Model;
    },
  };
}

/** log p(k) + log p(x | k) = constants_k + Σ_j x_j (linear_kj + x_j quadratic_kj), up to what all classes share. */
function coefficients({ examples, sums, squares }: Sums, width: number, model: string) {
  const K = examples.length;
  const total = examples.reduce((a, b) => a + b, 0);
  const constants = examples.map((n) => Math.log((n + PRIOR) / (total + PRIOR * K)));
  const linear = new Float64Array(K * width);
  const quadratic = new Float64Array(K * width);
  for (let k = 0; k < K; k++) {
    let counted = PRIOR * width;
    for (let j = 0; j < width; j++) counted += sums[k * width + j];
    for (let j = 0; j < width; j++) {
      const at = k * width + j;
      if (model === "multinomial") linear[at] = Math.log((sums[at] + PRIOR) / counted);
    }
  }
  if (model === "multinomial") return { constants, linear, quadratic };
  for (let j = 0; j < width; j++) {
    let [all, allSquares] = [0, 0];
    for (let k = 0; k < K; k++) {
      all += sums[k * width + j];
      allSquares += squares[k * width + j];
    }
    const mean = total > 0 ? all / total : 0;
    // A feature that never varied says nothing, rather than everything.
    const variance = Math.max(total > 0 ? allSquares / total - mean * mean : 0, 1e-6 * (1 + mean * mean));
    for (let k = 0; k < K; k++) {
      const at = k * width + j;
      const n = examples[k];
      const own = (sums[at] + PRIOR * mean) / (n + PRIOR);
      const around = squares[at] - 2 * own * sums[at] + n * own * own + PRIOR * (own - mean) ** 2;
      const spread = (Math.max(0, around) + PRIOR * variance) / (n + PRIOR);
      constants[k] -= 0.5 * (Math.log(spread) + (own * own) / spread);
      linear[at] = own / spread;
      quadratic[at] = -0.5 / spread;
    }
  }
  return { constants, linear, quadratic };
}
