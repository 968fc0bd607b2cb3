/** @file Yan's model: annotators who know a part of the items. */

import { describe, expect, it } from "vitest";
import { annotationsFrom, itemsFrom, oneCoin, yan } from "../../src/crowds/index.js";
import { createRng } from "../../src/random/rng.js";
import { accuracy, coin, simulated } from "../support/crowds.js";

/** Two annotators of each kind: right for items with x > 0, or x < 0, and guessing elsewhere. */
function specialists(count: number, seed: number) {
  const rng = createRng(seed);
  const truth = Array.from({ length: count }, () => rng.integer(2));
  const xs = truth.map(() => 4 * rng.uniform() - 2);
  const rows = truth.flatMap((k, item) =>
    [1, 1, -1, -1].map((side, annotator) => {
      const knows = side * xs[item] > 0;
      return { item, annotator, label: rng.uniform() < (knows ? 0.97 : 0.5) ? k : 1 - k };
    }),
  );
  const features = xs.map((x, item) => ({ item, features: [x, rng.normal()] }));
  return { truth, xs, annotations: annotationsFrom(rows), items: itemsFrom(features) };
}

describe("yan", () => {
  const set = specialists(500, 1);
  const fit = yan(set.annotations, set.items, { expertiseL2: 1 });

  it("finds where each annotator is reliable", () => {
    const expertise = fit.expertise(set.items);
    const mean = (l: number, side: number) => {
      const rows = set.xs.flatMap((x, i) => (x * side > 1 ? [expertise[4 * i + l]] : []));
      return rows.reduce((sum, p) => sum + p, 0) / rows.length;
    };
    for (const l of [0, 1]) {
      expect(mean(l, 1)).toBeGreaterThan(0.9);
      expect(mean(l, -1)).toBeLessThan(0.7);
    }
    for (const l of [2, 3]) expect(mean(l, -1)).toBeGreaterThan(0.9);
  });

  it("infers more than a model with one ability each", () => {
    const [own, coin] = [fit, oneCoin(set.annotations)].map(({ posterior }) =>
      accuracy(posterior, set.truth),
    );
    expect(own).toBeGreaterThan(coin + 0.05);
    expect(own).toBeGreaterThan(0.93);
  });

  it("never lowers its objective, with predictions that are probabilities", () => {
    const small = specialists(40, 2);
    let before = Number.NEGATIVE_INFINITY;
    for (let iterations = 1; iterations < 12; iterations++) {
      const { objective } = yan(small.annotations, small.items, { iterations, tolerance: 1e-300, steps: 2 });
      expect(objective).toBeGreaterThanOrEqual(before - 1e-9);
      before = objective;
    }
    const p = fit.predict(set.items);
    expect(p[0] + p[1]).toBeCloseTo(1, 12);
    for (const a of fit.ability) expect(a).toBeGreaterThan(0.6);
  });

  it("ends where its objective is flat in what annotators know", () => {
    const crowd = [coin(0.9, 3), coin(0.6, 3), coin(0.7, 3), coin(0.5, 3)];
    const { annotations, rows, truth } = simulated(crowd, 40, 3);
    const rng = createRng("features");
    const xs = truth.map((k) => [k + rng.normal(), 5 * rng.normal()]);
    const items = itemsFrom(xs.map((features, item) => ({ item, features })));
    const l2 = 2;
    const found = yan(annotations, items, { expertiseL2: l2, iterations: 3000, tolerance: 1e-14 });
    const f = found.predict(items);
    const inputs = standardised(xs);
    /** Σ log p(labels of an item | x), less the penalties of expertise, with the classifier as it is. */
    const objective = (weights: Float64Array) => {
      const p = inputs.map((_, i) => f.slice(3 * i, 3 * i + 3));
      for (const { item, annotator, label } of rows) {
        const [i, at] = [Number(item), 3 * Number(annotator)];
        const score = weights[at] * inputs[i][0] + weights[at + 1] * inputs[i][1] + weights[at + 2];
        const right = 1 / (1 + Math.exp(-score));
        for (let k = 0; k < 3; k++) p[i][k] *= k === label ? right : (1 - right) / 2;
      }
      const penalty = weights.map((w, j) => (j % 3 === 2 ? 0.5 * (w - 1) ** 2 : 0.5 * l2 * w * w));
      const likelihood = p.reduce((sum, [a, b, c]) => sum + Math.log(a + b + c), 0);
      return { likelihood, value: likelihood - penalty.reduce((sum, x) => sum + x, 0) };
    };
    const weights = found.expertiseWeights;
    expect(objective(weights).likelihood).toBeCloseTo(found.logLikelihood, 5);
    weights.forEach((w, j) => {
      const value = (moved: number) => objective(weights.with(j, moved)).value;
      expect((value(w + 1e-5) - value(w - 1e-5)) / 2e-5).toBeCloseTo(0, 3);
      // Elsewhere it is not: each weight matters.
      expect(Math.abs(value(w + 0.51) - value(w + 0.49)) / 0.02).toBeGreaterThan(0.1);
    });
  });
});

/** Features of mean 0 and deviation 1. */
function standardised(xs: readonly (readonly number[])[]): number[][] {
  const scaled = xs[0].map((_, j) => {
    const column = xs.map((x) => x[j]);
    const mean = column.reduce((sum, x) => sum + x, 0) / column.length;
    const variance = column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / column.length;
    return column.map((x) => (x - mean) / Math.sqrt(variance));
  });
  return xs.map((_, i) => scaled.map((column) => column[i]));
}
