/** @file Doctor Net: heads that learn their annotators, and weights that learn from the heads of others. */

import { expect, it } from "vitest";
import { doctorNetMethod } from "../../../algorithms/crowds/doctor-net.js";
import { annotationsFrom } from "../../../src/crowds/index.js";
import { crowdOf, methodAt } from "../../support/crowd-methods.js";

const annotations = annotationsFrom(
  ["aba", "bbb", "aab"].flatMap((answers, item) =>
    [...answers].map((label, annotator) => ({ item, annotator, label })),
  ),
);
const crowd = crowdOf(annotations, 2);
const inputs = { item: [0, 1], annotator: [0, 2], label: [0, 1], x: [1, 2, -1, 0.5] };
const at = methodAt(doctorNetMethod(crowd, { hidden: [], dropout: 0 }), crowd, inputs);
const parameters = at.start.map((x, i) => x + 0.5 * Math.sin(3 * i));
const views = at.layout.views(Float32Array.from(parameters));

/** The answer probabilities of annotator l to row n. */
function head(l: number, n: number): number[] {
  const { data: w } = views["classifier.heads.output.weight"];
  const { data: b } = views["classifier.heads.output.bias"];
  const logits = [0, 1].map(
    (k) => b[2 * l + k] + inputs.x[2 * n] * w[2 * l + k] + inputs.x[2 * n + 1] * w[6 + 2 * l + k],
  );
  const sum = Math.exp(logits[0]) + Math.exp(logits[1]);
  return logits.map((x) => Math.exp(x) / sum);
}
const weights = Array.from(views["classifier.averaging.weight"].data, Math.exp);

it("answers by the head of the annotator, and predicts by the weighted mean of all", () => {
  const { answers, logProbabilities } = at.run(parameters);
  const total = weights[0] + weights[1] + weights[2];
  inputs.annotator.forEach((l, n) => {
    expect(Math.exp(answers[2 * n])).toBeCloseTo(head(l, n)[0], 6);
    const mean = weights.reduce((sum, w, own) => sum + (w / total) * head(own, n)[0], 0);
    expect(Math.exp(logProbabilities[2 * n])).toBeCloseTo(mean, 6);
  });
});

it("weighs the heads by how well they tell the answers of others", () => {
  const { averagingLoss, gradient, headLoss } = at.run(parameters);
  const mean = (l: number, n: number, y: number) => {
    const others = [0, 1, 2].filter((own) => own !== l);
    const total = others.reduce((sum, own) => sum + weights[own], 0);
    return others.reduce((sum, own) => sum + (weights[own] / total) * head(own, n)[y], 0);
  };
  expect(averagingLoss[0]).toBeCloseTo(-(Math.log(mean(0, 0, 0)) + Math.log(mean(2, 1, 1))) / 2, 6);
  expect(headLoss[0]).toBeCloseTo(-(Math.log(head(0, 0)[0]) + Math.log(head(2, 1)[1])) / 2, 6);
  // The head of annotator 1, who answers in no row, is moved by nothing.
  const { offset } = at.layout.entries.find(({ name }) => name === "classifier.heads.output.bias")!;
  expect([...gradient.slice(offset + 2, offset + 4)]).toEqual([0, 0]);
  const averaging = at.layout.entries.find(({ name }) => name === "classifier.averaging.weight")!;
  expect(Math.abs(gradient[averaging.offset + 1])).toBeGreaterThan(1e-4);
});
