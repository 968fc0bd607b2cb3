/** @file Logistic regression on soft labels: the maximum of its likelihood. */

import { expect, it } from "vitest";
import { improveLogistic, logProbabilities, penaltyOf } from "../../src/crowds/logistic.js";

const x = Float32Array.of(1, 0, 0, 1, 1, 1, -1, 0.5);
const targets = Float64Array.of(0.9, 0.1, 0, 0.2, 0.5, 0.3, 0, 1, 0, 0.3, 0.3, 0.4);

it("is where the features of the errors equal the penalty's slope", () => {
  const weights = new Float64Array(9);
  improveLogistic(x, 2, targets, weights, { classes: 3, l2: 0.5, steps: 200 });
  const p = logProbabilities(x, 2, weights, 3).map(Math.exp);
  for (let k = 0; k < 3; k++) {
    for (let j = 0; j < 3; j++) {
      let slope = j < 2 ? -0.5 * weights[3 * j + k] : 0;
      for (let i = 0; i < 4; i++) slope += (j < 2 ? x[2 * i + j] : 1) * (targets[3 * i + k] - p[3 * i + k]);
      expect(slope).toBeCloseTo(0, 5);
    }
  }
  expect(p[0] + p[1] + p[2]).toBeCloseTo(1, 12);
  const sum = weights.subarray(0, 6).reduce((total, w) => total + w * w, 0);
  expect(penaltyOf(weights, 3, 0.5)).toBeCloseTo(0.25 * sum, 12);
});
