/** @file CoNAL: its formulas in three readings, its gradients, and the models that it contains. */

import { describe, expect, it } from "vitest";
import { conalMethod } from "../../../algorithms/crowds/conal.js";
import { crowdLayerMethod } from "../../../algorithms/crowds/crowd-layer.js";
import { annotationsFrom } from "../../../src/crowds/index.js";
import { crowdOf, gradientError, methodAt } from "../../support/crowd-methods.js";

const rows = ["aab", "aca", "bbb", "cab"].flatMap((answers, item) =>
  [...answers].map((label, annotator) => ({ item, annotator, label })),
);
const annotations = annotationsFrom(rows);
const crowd = crowdOf(annotations, 2);
const inputs = {
  item: [0, 1, 2, 3],
  annotator: [0, 1, 2, 1],
  label: [0, 2, 1, 0],
  weight: [1, 1, 0.5, 2],
  x: [0.3, -1, 0.5, 2, -0.7, 0.1, 1.5, 0.2],
};
const usual = {
  combine: "logits",
  normalise: "annotator",
  embedding: 3,
  distance: 0.01,
  proportion: "learnt",
} as const;
/** Parameters other than those at the start, where all matrices are equal. */
const moved = (start: Float64Array) => start.map((x, i) => x + 0.3 * Math.sin(7 * i + 1));
const softmax = (row: number[]) => {
  const weights = row.map(Math.exp);
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((w) => w / sum);
};

describe("conal", () => {
  it.each(["logits", "mixture", "stochastic"] as const)("has the gradient of its loss: %s", (combine) => {
    for (const normalise of ["both", "annotator", "none"] as const) {
      const at = methodAt(conalMethod(crowd, { ...usual, combine, normalise }), crowd, inputs);
      expect(gradientError(at, moved(at.start))).toBeLessThan(1e-8);
    }
  });

  it("has finite gradients at the start, where the distances are 0", () => {
    const at = methodAt(conalMethod(crowd, usual), crowd, inputs);
    expect(at.run(at.start).gradient.every(Number.isFinite)).toBe(true);
  });

  it.each(["logits", "mixture", "stochastic"] as const)("answers by its formula: %s", (combine) => {
    const at = methodAt(conalMethod(crowd, { ...usual, combine, proportion: 0.3 }), crowd, inputs);
    const parameters = moved(at.start);
    const views = at.layout.views(Float32Array.from(parameters));
    const { answers, logProbabilities } = at.run(parameters);
    const matrix = (data: Float32Array, from: number) =>
      [0, 1, 2].map((k) => Array.from(data.subarray(from + 3 * k, from + 3 * k + 3)));
    inputs.annotator.forEach((l, n) => {
      const f = [0, 1, 2].map((k) => Math.exp(logProbabilities[n * 3 + k]));
      const times = (rows: number[][]) =>
        [0, 1, 2].map((y) => f.reduce((sum, p, k) => sum + p * rows[k][y], 0));
      const [g, own] = [matrix(views["crowd.common"].data, 0), matrix(views["crowd.own"].data, 9 * l)];
      const mixed = (a: number[], b: number[]) => a.map((x, y) => 0.3 * x + 0.7 * b[y]);
      const expected = {
        logits: () => softmax(mixed(times(g), times(own))),
        mixture: () => mixed(softmax(times(g)), softmax(times(own))),
        stochastic: () => mixed(times(g.map(softmax)), times(own.map(softmax))),
      }[combine]();
      for (let y = 0; y < 3; y++) expect(Math.exp(answers[n * 3 + y])).toBeCloseTo(expected[y], 6);
    });
  });

  it("is the crowd layer where the common matrix has no share", () => {
    const own = methodAt(conalMethod(crowd, { ...usual, distance: 0, proportion: 0 }), crowd, inputs);
    const layer = methodAt(crowdLayerMethod(crowd, "matrix"), crowd, inputs);
    const parameters = moved(own.start);
    const { offset } = own.layout.entries.find(({ name }) => name === "crowd.common")!;
    const without = Float64Array.from([
      ...parameters.subarray(0, offset),
      ...parameters.subarray(offset + 9),
    ]);
    expect(own.run(parameters).loss[0]).toBeCloseTo(layer.run(without).loss[0], 12);
  });

  it("gives all annotators the common matrix where it has all of the share", () => {
    const at = methodAt(conalMethod(crowd, { ...usual, proportion: 1 }), crowd, {
      ...inputs,
      annotator: [0, 1, 2, 1],
      x: [1, 2, 1, 2, 1, 2, 1, 2],
    });
    const { answers } = at.run(moved(at.start));
    for (let n = 1; n < 4; n++) {
      for (let y = 0; y < 3; y++) expect(answers[n * 3 + y]).toBeCloseTo(answers[y], 12);
    }
  });

  it("is rewarded for the distance between the common matrix and own ones", () => {
    const at = (distance: number) => methodAt(conalMethod(crowd, { ...usual, distance }), crowd, inputs);
    const parameters = moved(at(0).start);
    const [with0, with1] = [at(0).run(parameters), at(1).run(parameters)];
    expect(with0.loss[0] - with1.loss[0]).toBeCloseTo(3 * with1.distance[0], 9);
    expect(with1.distance[0]).toBeGreaterThan(0.1);
  });

  it("has a gate between σ(−1) and σ(1) where both embeddings are normalised", () => {
    const share = (normalise: "both" | "none") => {
      const at = methodAt(conalMethod(crowd, { ...usual, normalise }), crowd, inputs);
      return at.run(at.start.map((x) => 100 * x)).proportion[0];
    };
    expect(Math.abs(share("both") - 0.5)).toBeLessThan(0.2311);
    expect(Math.abs(share("none") - 0.5)).toBeGreaterThan(0.24);
  });
});
