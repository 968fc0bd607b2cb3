/** @file GLAD: its objective, the slope at its end, abilities of either sign, and easy items. */

import { describe, expect, it } from "vitest";
import { type AnnotationRow, annotationsFrom, glad } from "../../src/crowds/index.js";
import { createRng } from "../../src/random/rng.js";
import { accuracy, coin, simulated } from "../support/crowds.js";

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** log p(labels | α, b), classes equally likely, plus the log priors. */
function objectiveOf(
  { items, classes: K, ...rest }: ReturnType<typeof annotationsFrom>,
  alpha: Float64Array,
  b: Float64Array,
) {
  const { itemStart, annotator, label } = rest;
  let sum = 0;
  for (let i = 0; i < items; i++) {
    let p = 0;
    for (let k = 0; k < K; k++) {
      let product = 1 / K;
      for (let n = itemStart[i]; n < itemStart[i + 1]; n++) {
        const s = sigmoid(alpha[annotator[n]] * Math.exp(b[i]));
        product *= label[n] === k ? s : (1 - s) / (K - 1);
      }
      p += product;
    }
    sum += Math.log(p) - 0.5 * b[i] ** 2;
  }
  for (const a of alpha) sum -= 0.5 * (a - 1) ** 2;
  return sum;
}

describe("glad", () => {
  const { annotations } = simulated([coin(0.9, 3), coin(0.6, 3), coin(0.4, 3)], 12, 0);

  it("never lowers its objective", () => {
    let before = Number.NEGATIVE_INFINITY;
    for (let iterations = 1; iterations < 15; iterations++) {
      const { objective } = glad(annotations, { iterations, tolerance: 1e-300 });
      expect(objective).toBeGreaterThanOrEqual(before - 1e-9);
      before = objective;
    }
  });

  it("ends where its objective is flat", () => {
    const { alpha, easiness, objective } = glad(annotations, { iterations: 3000, tolerance: 1e-14 });
    const b = easiness.map(Math.log);
    expect(objectiveOf(annotations, alpha, b)).toBeCloseTo(objective, 5);
    for (const vector of [alpha, b]) {
      vector.forEach((x, at) => {
        const value = (moved: number) => {
          vector[at] = moved;
          const found = objectiveOf(annotations, alpha, b);
          vector[at] = x;
          return found;
        };
        expect((value(x + 1e-5) - value(x - 1e-5)) / 2e-5).toBeCloseTo(0, 2);
      });
    }
  });

  it("gives adversaries an ability below chance, and uses them", () => {
    const crowd = [coin(0.8), coin(0.8), coin(0.8), coin(0.8), coin(0.1)];
    const { annotations: all, truth } = simulated(crowd, 400, 1);
    const { alpha, posterior, ability } = glad(all);
    expect(alpha[4]).toBeLessThan(-0.5);
    expect(ability[0]).toBeGreaterThan(0.6);
    const { annotations: fewer } = simulated(crowd.slice(0, 4), 400, 1);
    expect(accuracy(posterior, truth)).toBeGreaterThan(0.9);
    expect(fewer.annotators).toBe(4);
  });

  it("calls items easy on which annotators agree", () => {
    const rng = createRng(3);
    const rows: AnnotationRow[] = Array.from({ length: 60 }, (_, item) =>
      Array.from({ length: 8 }, (_, annotator) => {
        const right = rng.uniform() < (item < 30 ? 0.97 : 0.6);
        return { item, annotator, label: right ? item % 2 : 1 - (item % 2) };
      }),
    ).flat();
    const { easiness } = glad(annotationsFrom(rows));
    const mean = (values: Float64Array) => values.reduce((sum, x) => sum + x, 0) / values.length;
    expect(mean(easiness.subarray(0, 30))).toBeGreaterThan(1.3 * mean(easiness.subarray(30)));
  });

  it("keeps known truths", () => {
    const { truth, rows } = simulated([coin(0.3), coin(0.4)], 20, 4);
    const known = annotationsFrom(rows, { truth: Object.fromEntries(truth.entries()) });
    expect([...glad(known).labels]).toEqual(truth);
  });
});
