/** @file AggNet: with a classifier that knows nothing but the prior, its inference is Dawid and Skene's. */

import { expect, it } from "vitest";
import { aggNetMethod } from "../../../algorithms/crowds/agg-net.js";
import { dawidSkene } from "../../../src/crowds/index.js";
import { crowdOf } from "../../support/crowd-methods.js";
import { anaesthetists } from "../../support/crowds.js";

const annotations = anaesthetists();
const smoothing = { diagonal: 0.5, offDiagonal: 0.05 };

it("infers what Dawid and Skene's model does, where the classifier gives its prior", () => {
  const method = aggNetMethod(crowdOf(annotations, 1), { warmUp: 1, ...smoothing });
  const targets = method.targets!.slice();
  for (let epoch = 1; epoch <= 60; epoch++) {
    const prior = [0, 1, 2, 3].map((k) => targets.filter((_, i) => i % 4 === k).reduce((a, b) => a + b) / 45);
    const logs = Float32Array.from({ length: targets.length }, (_, i) => Math.log(prior[i % 4]));
    method.expectation!(targets, logs, epoch);
  }
  const fit = dawidSkene(annotations, { iterations: 60, tolerance: 1e-300 });
  for (const [i, p] of fit.posterior.entries()) expect(targets[i]).toBeCloseTo(p, 3);
  const confusion = method.confusion!({}, targets);
  for (const [i, p] of fit.confusion.entries()) expect(confusion[i]).toBeCloseTo(p, 3);
});

it("keeps the shares of the labels during the warm-up", () => {
  const method = aggNetMethod(crowdOf(annotations, 1), { warmUp: 3, ...smoothing });
  const targets = method.targets!.slice();
  expect(method.expectation!(targets, new Float32Array(targets.length), 2)).toEqual({});
  expect(targets).toEqual(method.targets);
});
