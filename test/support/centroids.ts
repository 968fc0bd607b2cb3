/** @file A classifier without chance: the nearest mean of a class. Its embeddings are the features. */

import type { MakesClassifier } from "../../algorithms/active/classifiers/option.js";
import type { Rng } from "../../src/random/rng.js";

/** @param onFit is told the stream of each fit, and its examples */
export const centroids =
  (onFit: (rng: Rng, count: number) => void = () => {}): MakesClassifier =>
  ({ shape: [width], classes: K }) => ({
    name: "centroids",
    embeddingWidth: width,

    async fit({ features, targets, count }, rng) {
      onFit(rng, count);
      const means = new Float64Array(K * width);
      const counts = new Float64Array(K).fill(1e-9);
      for (let n = 0; n < count * K; n++) counts[n % K] += targets[n];
      for (let i = 0; i < count; i++) {
        for (let k = 0; k < K; k++) {
          for (let j = 0; j < width; j++) {
            means[k * width + j] += (targets[i * K + k] * features[i * width + j]) / counts[k];
          }
        }
      }
      return { means };
    },

    async probabilities({ means }, features) {
      const out = new Float32Array((features.length / width) * K);
      for (let i = 0; i < features.length / width; i++) {
        const weights = Array.from({ length: K }, (_, k) => {
          let square = 0;
          for (let j = 0; j < width; j++) square += (features[i * width + j] - means[k * width + j]) ** 2;
          return Math.exp(-square);
        });
        const sum = weights.reduce((a, b) => a + b, 0);
        weights.forEach((w, k) => {
          out[i * K + k] = w / sum;
        });
      }
      return out;
    },

    embeddings: async (_, features) => ({ width, data: features }),
  });
