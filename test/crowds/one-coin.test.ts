/** @file The one-coin model: its objective, known truths, and the crowd that defeats it. */

import { describe, expect, it } from "vitest";
import { annotationsFrom, dawidSkene, oneCoin } from "../../src/crowds/index.js";
import { accuracy, always, coin, simulated } from "../support/crowds.js";

describe("oneCoin", () => {
  it("never lowers its objective", () => {
    const { annotations } = simulated([coin(0.9, 3), coin(0.6, 3), coin(0.3, 3)], 25, 0);
    let before = Number.NEGATIVE_INFINITY;
    for (let iterations = 1; iterations < 15; iterations++) {
      const { objective } = oneCoin(annotations, {
        iterations,
        tolerance: 1e-300,
        smoothing: { right: 2, wrong: 1 },
      });
      expect(objective).toBeGreaterThanOrEqual(before - 1e-9);
      before = objective;
    }
  });

  it("finds the abilities of its own model", () => {
    const abilities = [0.9, 0.75, 0.6, 0.5];
    const { annotations } = simulated(
      abilities.map((a) => coin(a, 4)),
      4000,
      1,
    );
    const fit = oneCoin(annotations);
    abilities.forEach((a, l) => {
      expect(fit.ability[l]).toBeCloseTo(a, 1.5);
    });
    expect(fit.confusion![3]).toBeCloseTo((1 - fit.ability[0]) / 3, 12);
  });

  it("with all truths known, counts right answers", () => {
    const { truth, rows } = simulated([coin(0.7), coin(0.4)], 40, 2);
    const { ability } = oneCoin(annotationsFrom(rows, { truth: Object.fromEntries(truth.entries()) }));
    const right = rows.filter(
      ({ item, annotator, label }) => annotator === 0 && truth[Number(item)] === label,
    );
    expect(ability[0]).toBeCloseTo(right.length / 40, 12);
  });

  it("is defeated by many who always give the same answer, where confusion matrices are not", () => {
    const crowd = [
      ...Array.from({ length: 5 }, () => coin(0.8)),
      ...Array.from({ length: 5 }, () => always(0)),
    ];
    const { annotations, truth } = simulated(crowd, 200, 0);
    expect(accuracy(oneCoin(annotations).posterior, truth)).toBeLessThan(0.6);
    expect(accuracy(dawidSkene(annotations).posterior, truth)).toBeGreaterThan(0.9);
  });
});
