/** @file New labels for a fit: all labels together, and a warm start that ends where a whole fit ends. */

import { describe, expect, it } from "vitest";
import { annotationsFrom, dawidSkene, joinAnnotations, updateDawidSkene } from "../../src/crowds/index.js";
import { coin, simulated } from "../support/crowds.js";

describe("new labels", () => {
  const { rows } = simulated([coin(0.8), coin(0.7), coin(0.9), coin(0.6)], 300, 1);
  const first = annotationsFrom(rows.filter(({ item, annotator }) => Number(item) < 250 && annotator !== 3));
  const more = annotationsFrom(rows.filter(({ item, annotator }) => Number(item) >= 250 || annotator === 3));

  it("join the others, whose items and annotators keep their numbers", () => {
    const all = joinAnnotations(first, more);
    expect([all.items, all.annotators, all.label.length]).toEqual([300, 4, 1200]);
    expect(all.names.items.slice(0, 250)).toEqual(first.names.items);
    expect(all.names.annotators).toEqual(["0", "1", "2", "3"]);
    const weights = joinAnnotations(
      annotationsFrom([{ item: 1, annotator: 1, label: "b", weight: 2 }], { truth: { 1: "b" } }),
      annotationsFrom([{ item: 1, annotator: 2, label: "a" }]),
    );
    expect([...weights.weight!]).toEqual([2, 1]);
    expect(weights.names.classes).toEqual(["b", "a"]);
    expect([...weights.truth!]).toEqual([0]);
  });

  it("change a fit in three iterations as a whole fit would", () => {
    const before = { annotations: first, fit: dawidSkene(first, { tolerance: 1e-9, iterations: 500 }) };
    const { annotations, fit } = updateDawidSkene(before, more);
    const whole = dawidSkene(annotations, { tolerance: 1e-9, iterations: 500 });
    expect(fit.iterations).toBeLessThanOrEqual(3);
    expect(whole.objective - fit.objective).toBeLessThan(1);
    const same = fit.labels.filter((k, i) => k === whole.labels[i]).length;
    expect(same / 300).toBeGreaterThan(0.93);
    for (const [l, a] of whole.ability.entries()) expect(fit.ability[l]).toBeCloseTo(a, 1);
    const on = updateDawidSkene(before, more, { iterations: 500, tolerance: 1e-9 }).fit;
    expect(on.objective).toBeCloseTo(whole.objective, 3);
  });

  it("of a new class begin with the matrices of the pseudo-counts", () => {
    const before = { annotations: first, fit: dawidSkene(first) };
    const { fit } = updateDawidSkene(before, annotationsFrom([{ item: "new", annotator: 0, label: "2" }]));
    expect(fit.prior.length).toBe(3);
    expect(fit.labels.at(-1)).toBe(2);
  });
});
