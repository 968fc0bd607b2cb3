/** @file Raykar's model: Dawid and Skene's where features say nothing, and better where they say much. */

import { describe, expect, it } from "vitest";
import { annotationsFrom, dawidSkene, itemsFrom, majorityVote, raykar } from "../../src/crowds/index.js";
import { labelledItems } from "../support/crowd-items.js";
import { accuracy, coin, simulated } from "../support/crowds.js";

describe("raykar", () => {
  it("is Dawid and Skene's model where all items have the same features", () => {
    const { annotations } = simulated([coin(0.8, 3), coin(0.7, 3), coin(0.6, 3)], 60, 1);
    const items = itemsFrom(annotations.names.items.map((item) => ({ item, features: [1] })));
    const options = { iterations: 300, tolerance: 1e-12 };
    const fit = raykar(annotations, items, { ...options, l2: 0, steps: 50 });
    const ds = dawidSkene(annotations, options);
    expect(fit.logLikelihood).toBeCloseTo(ds.logLikelihood, 5);
    for (const [i, p] of ds.posterior.entries()) expect(fit.posterior[i]).toBeCloseTo(p, 3);
  });

  it("infers more from one annotator of 60 % than their labels say, where the features separate the classes", () => {
    const { annotations, items, truth } = labelledItems([coin(0.6, 2)], {
      items: 400,
      each: 1,
      tests: 100,
      seed: 4,
    });
    const own = truth.slice(0, 400);
    const fit = raykar(annotations, items, { init: "classifier" });
    expect(accuracy(fit.posterior, own)).toBeGreaterThan(0.75);
    expect(accuracy(dawidSkene(annotations).posterior, own)).toBeLessThan(0.65);
    const p = fit.predict(items);
    const right = truth.slice(400).filter((k, i) => p[2 * (400 + i) + k] > 0.5).length;
    expect(right).toBeGreaterThan(90);
    expect(fit.ability[0]).toBeGreaterThan(0.5);
    expect(fit.ability[0]).toBeLessThan(0.75);
  });

  it("never lowers its objective", () => {
    const { annotations, items } = labelledItems([coin(0.7, 3), coin(0.5, 3)], {
      items: 60,
      each: 2,
      seed: 5,
    });
    let before = Number.NEGATIVE_INFINITY;
    for (let iterations = 1; iterations < 15; iterations++) {
      const { objective } = raykar(annotations, items, { iterations, tolerance: 1e-300, steps: 2 });
      expect(objective).toBeGreaterThanOrEqual(before - 1e-9);
      before = objective;
    }
  });

  it("keeps known truths, and refuses items without features", () => {
    const { annotations, items, truth } = labelledItems([coin(0.7), coin(0.6)], {
      items: 20,
      each: 2,
      seed: 6,
    });
    const known = {
      ...annotations,
      truth: Int32Array.from(annotations.names.items, (name) => truth[Number(name.slice(1))]),
    };
    expect([...raykar(known, items).labels]).toEqual([...known.truth]);
    expect(() => raykar(annotations, itemsFrom([{ item: "i0", features: [0] }]))).toThrow(/19 of 20 .*"i1"/);
    const silent = annotationsFrom([
      { item: "i0", annotator: "a", label: 1 },
      { item: "i1", annotator: "a", label: 0 },
    ]);
    expect(majorityVote(silent).labels).toEqual(raykar(silent, items, { l2: 1e6 }).labels);
  });
});
