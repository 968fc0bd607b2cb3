/** @file What a round of CrowdInG draws: answers by their probabilities, and pairs for the judge. */

import { expect, it } from "vitest";
import {
  drawAnswers,
  entropyOf,
  quantile,
  selectPairs,
} from "../../../../algorithms/crowds/crowd-in-g/selection.js";
import { createRng } from "../../../../src/random/rng.js";

it("draws answers by their probabilities, with their chance and the entropy", () => {
  const rows = Float32Array.from({ length: 4000 }, (_, i) => [0.5, 0.25, 0.25, 0][i % 4]);
  const { answer, chance, entropy } = drawAnswers(rows, 4, createRng(0));
  const share = (k: number) => answer.filter((y) => y === k).length / 1000;
  expect(share(0)).toBeGreaterThan(0.45);
  expect(share(0)).toBeLessThan(0.55);
  expect(share(3)).toBe(0);
  expect(chance[0]).toBe([0.5, 0.25, 0.25][answer[0]]);
  expect(entropy[0]).toBeCloseTo(1.5 * Math.LN2, 6);
  expect(entropyOf([1, 0])).toBe(0);
});

it("selects as many pairs of each annotator as there are authentic answers, sure ones more often", () => {
  const annotator = Int32Array.of(0, 0, 1, 1, 1);
  const entropy = Float32Array.of(0.1, 0.9, 1, 1, 0);
  const counts = Int32Array.of(2000, 10, 5);
  const chosen = selectPairs(annotator, entropy, counts, "certainty", createRng(0));
  const of = (l: number) => chosen.filter((i) => annotator[i] === l);
  expect([of(0).length, of(1).length, chosen.length]).toEqual([2000, 10, 2010]);
  const sure = of(0).filter((i) => i === 0).length / 2000;
  expect(sure).toBeGreaterThan(0.87);
  expect(sure).toBeLessThan(0.93);
  const any = selectPairs(annotator, entropy, counts, "chance", createRng(0));
  expect(any.filter((i) => i === 0).length / 2000).toBeLessThan(0.55);
});

it("has quantiles between the least and the largest value", () => {
  const values = Float32Array.of(3, 1, 2);
  expect([0, 0.25, 0.5, 1].map((share) => quantile(values, share))).toEqual([1, 1.5, 2, 3]);
});
