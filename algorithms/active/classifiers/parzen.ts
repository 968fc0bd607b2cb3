/**
 * @file The Parzen window classifier [Parzen 1962; Chapelle 2005]: every example votes for its class, the less the farther
 * it is. It has no fit, so that one more example is an addition.
 */

import type { Classifier, ClassifierData, Model } from "../../../src/active/index.js";
import { widthOf } from "../../../src/datasets/labelled.js";
import { concatenated } from "../../../src/state/concatenated.js";

export interface ParzenOptions {
  /** Deviation of the Gaussian kernel, in units of √width: the distance of items whose features have deviation 1. */
  bandwidth: number;
  /** Votes that the classes share everywhere: far from all examples all classes are as probable. */
  prior: number;
}

/** p(k | x) = (Σ_i t_ik K(x, x_i) + prior / K) / (Σ_i K(x, x_i) + prior), K(x, x) = 1. */
export function parzen(
  { shape, classes: K }: ClassifierData,
  { bandwidth, prior }: ParzenOptions,
): Classifier {
  const width = widthOf(shape);
  const scale = -0.5 / (bandwidth * bandwidth * width);
  return {
    name: "parzen",

    fit: async ({ count, features, targets }): Promise<Model> => ({
      x: features.slice(0, count * width),
      targets: targets.slice(0, count * K),
    }),

    async probabilities({ x, targets }, features) {
      const out = new Float32Array((features.length / width) * K);
      const votes = new Float64Array(K);
      for (let n = 0; n < features.length / width; n++) {
        votes.fill(prior / K);
        let sum = prior;
        for (let i = 0; i < x.length / width; i++) {
          let square = 0;
          for (let j = 0; j < width; j++) square += (features[n * width + j] - x[i * width + j]) ** 2;
          const weight = Math.exp(scale * square);
          sum += weight;
          for (let k = 0; k < K; k++) votes[k] += weight * targets[i * K + k];
        }
        for (let k = 0; k < K; k++) out[n * K + k] = votes[k] / sum;
      }
      return out;
    },

    updated(model, features, label) {
      const target = new Float32Array(K);
      target[label] = 1;
      return {
        x: concatenated(Float32Array, [model.x as Float32Array, features]),
        targets: concatenated(Float32Array, [model.targets as Float32Array, target]),
      };
    },
  };
}
