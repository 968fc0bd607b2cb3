/** @file Trace regularisation: the likelihood of row-stochastic matrices, and a penalty that makes traces small. */

import { describe, expect, it } from "vitest";
import { traceMethod } from "../../../algorithms/crowds/trace-regularised.js";
import { annotationsFrom } from "../../../src/crowds/index.js";
import { crowdOf, gradientError, methodAt } from "../../support/crowd-methods.js";

const annotations = annotationsFrom(
  ["ab", "bb", "aa"].flatMap((answers, item) =>
    [...answers].map((label, annotator) => ({ item, annotator, label })),
  ),
);
const crowd = crowdOf(annotations, 2);
const inputs = { item: [0, 1, 2], annotator: [0, 1, 1], label: [0, 1, 0], x: [1, 2, -1, 0.5, 0.3, -2] };

describe("traceRegularised", () => {
  it("is −log (f A)_y plus λ times the mean trace, with its gradient", () => {
    const method = traceMethod(crowd, 0.3);
    const at = methodAt(method, crowd, inputs);
    const parameters = at.start.map((x, i) => x / 3 + 0.4 * Math.cos(3 * i));
    expect(gradientError(at, parameters)).toBeLessThan(1e-8);
    const A = method.confusion!(at.layout.views(Float32Array.from(parameters)));
    const { loss, logProbabilities, trace } = at.run(parameters);
    expect(trace[0]).toBeCloseTo((A[0] + A[3] + A[4] + A[7]) / 2, 6);
    let likelihood = 0;
    inputs.annotator.forEach((l, n) => {
      const y = inputs.label[n];
      const p = [0, 1].map((k) => Math.exp(logProbabilities[2 * n + k]) * A[4 * l + 2 * k + y]);
      likelihood += Math.log(p[0] + p[1]) / 3;
    });
    expect(loss[0]).toBeCloseTo(0.3 * trace[0] - likelihood, 6);
  });

  it("starts near the identity, with rows that sum to 1", () => {
    const method = traceMethod(crowd, 0.01);
    const { layout, start } = methodAt(method, crowd, inputs);
    const A = method.confusion!(layout.views(Float32Array.from(start)));
    expect(A[0]).toBeGreaterThan(0.95);
    expect(A[0] + A[1]).toBeCloseTo(1, 12);
    expect(A[2]).toBeLessThan(0.05);
  });
});
