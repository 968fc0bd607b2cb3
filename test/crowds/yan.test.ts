/** @file Yan's model: annotators who know a part of the items. */

import { describe, expect, it } from "vitest";
import { annotationsFrom, itemsFrom, oneCoin, yan } from "../../src/crowds/index.js";
import { createRng } from "../../src/random/rng.js";
import { accuracy } from "../support/crowds.js";

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
});
