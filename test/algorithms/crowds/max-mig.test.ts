/** @file Max-MIG: the bound of the mutual information, and the aggregator's padding. */

import { describe, expect, it } from "vitest";
import { maxMigMethod, mutualInformationLoss } from "../../../algorithms/crowds/max-mig.js";
import { annotationsFrom, dawidSkene } from "../../../src/crowds/index.js";
import * as t from "../../../src/tensor/index.js";
import { crowdOf, gradientError, methodAt } from "../../support/crowd-methods.js";

const annotations = annotationsFrom([
  ...["aab", "bba", "aaa", "bbb"].flatMap((answers, item) =>
    [...answers].map((label, annotator) => ({ item, annotator, label })),
  ),
  { item: 4, annotator: 2, label: "a" },
]);
const crowd = crowdOf(annotations, 2);
const inputs = {
  ...{ item: [0, 4, 2, 3], annotator: [0, 0, 0, 0], label: [0, 0, 0, 0] },
  x: [1, 2, -1, 0.5, 0.3, -2, 0.7, 0.7],
};

describe("maxMig", () => {
  it("is −mean log K(n, n) + mean K(n, m) − 1", () => {
    const [f, g] = [
      [0.9, 0.1, 0.3, 0.7, 0.5, 0.5],
      [1.6, 0.4, 0.6, 1.4, 1, 1],
    ];
    const { loss } = t
      .program({ f: t.float32([3, 2]), g: t.float32([3, 2]) }, (fed) => ({
        loss: mutualInformationLoss(fed.f, fed.g).loss,
      }))
      .interpret({ f, g });
    const K = (n: number, m: number) => f[2 * n] * g[2 * m] + f[2 * n + 1] * g[2 * m + 1];
    const same = [0, 1, 2].reduce((sum, n) => sum + Math.log(K(n, n)), 0) / 3;
    const pairs = [0, 1, 2].flatMap((n) => [0, 1, 2].filter((m) => m !== n).map((m) => K(n, m)));
    const apart = pairs.reduce((a, b) => a + b) / 6;
    expect(loss[0]).toBeCloseTo(-same + apart - 1, 9);
  });

  it("has the gradient of its loss, for items with different numbers of labels", () => {
    const at = methodAt(maxMigMethod(crowd, "dawid-skene"), crowd, inputs);
    expect(
      gradientError(
        at,
        at.start.map((x, i) => x + 0.2 * Math.sin(5 * i)),
      ),
    ).toBeLessThan(1e-7);
  });

  it("starts with the confusion matrices of Dawid and Skene's model", () => {
    const method = maxMigMethod(crowd, "uniform");
    const { layout, start } = methodAt(method, crowd, inputs);
    const own = method.confusion!(layout.views(Float32Array.from(start)));
    const { confusion } = dawidSkene(annotations);
    for (const [i, p] of confusion.entries()) expect(own[i]).toBeCloseTo(p, 2);
  });

  it("refuses minibatches of one item", () => {
    const one = { item: [0], annotator: [0], label: [0], x: [1, 2] };
    expect(() => methodAt(maxMigMethod(crowd, "uniform"), crowd, one)).toThrow(/one item/);
  });
});
