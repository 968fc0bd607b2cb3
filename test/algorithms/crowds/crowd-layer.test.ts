/** @file The crowd layer: its four forms against their formulas, and their gradients. */

import { describe, expect, it } from "vitest";
import { crowdLayerMethod } from "../../../algorithms/crowds/crowd-layer.js";
import { annotationsFrom } from "../../../src/crowds/index.js";
import { crowdOf, gradientError, methodAt } from "../../support/crowd-methods.js";

const annotations = annotationsFrom(
  ["ab", "bb", "aa"].flatMap((answers, item) =>
    [...answers].map((label, annotator) => ({ item, annotator, label })),
  ),
);
const crowd = crowdOf(annotations, 2);
const inputs = { item: [0, 1, 2], annotator: [0, 1, 1], label: [0, 1, 0], x: [1, 2, -1, 0.5, 0.3, -2] };

describe("crowdLayer", () => {
  it.each(["matrix", "vector", "vector-bias", "scalar"] as const)("is softmax of its form: %s", (form) => {
    const at = methodAt(crowdLayerMethod(crowd, form), crowd, inputs);
    const parameters = at.start.map((x, i) => x + 0.4 * Math.cos(3 * i));
    expect(gradientError(at, parameters)).toBeLessThan(1e-8);
    const { answers, logProbabilities } = at.run(parameters);
    const views = at.layout.views(Float32Array.from(parameters));
    const w = views["crowd.weight"].data;
    inputs.annotator.forEach((l, n) => {
      const f = [Math.exp(logProbabilities[2 * n]), Math.exp(logProbabilities[2 * n + 1])];
      const logit = {
        matrix: (y: number) => f[0] * w[4 * l + y] + f[1] * w[4 * l + 2 + y],
        vector: (y: number) => f[y] * w[2 * l + y],
        "vector-bias": (y: number) => f[y] * w[2 * l + y] + (views["crowd.bias"]?.data[2 * l + y] ?? 0),
        scalar: (y: number) => f[y] * w[l],
      }[form];
      const expected = 1 / (1 + Math.exp(logit(1) - logit(0)));
      expect(Math.exp(answers[2 * n])).toBeCloseTo(expected, 6);
    });
  });

  it("starts with answers of softmax(f), for every annotator", () => {
    const at = methodAt(crowdLayerMethod(crowd, "matrix"), crowd, inputs);
    const { answers, logProbabilities } = at.run(at.start);
    const f = Math.exp(logProbabilities[0]);
    expect(Math.exp(answers[0])).toBeCloseTo(1 / (1 + Math.exp(1 - 2 * f)), 9);
  });
});
