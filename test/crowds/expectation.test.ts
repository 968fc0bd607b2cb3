/** @file The E step over blocks of items, against the formula over all items. */

import { describe, expect, it } from "vitest";
import { addBlocks, blocksOf, createExpectation, expectBlock } from "../../src/crowds/expectation.js";
import { createRng } from "../../src/random/rng.js";

/** Answers with weights, known truths, and every sixth item without labels. */
function random(labels: number) {
  const [annotators, classes, each] = [4, 3, 6];
  const items = Math.ceil((labels / 5) * 1.2) + 1;
  const rng = createRng(labels);
  const itemStart = Int32Array.from({ length: items + 1 }, (_, i) => each * (i - Math.floor(i / 6)));
  const length = itemStart[items];
  const draw = (length: number, of: number) => Int32Array.from({ length }, () => rng.integer(of));
  return {
    ...{ items, annotators, classes, itemStart },
    ...{ annotator: draw(length, annotators), label: draw(length, classes) },
    weight: Float64Array.from({ length }, () => 0.5 + rng.uniform()),
    truth: Int32Array.from({ length: items }, (_, i) => (i % 7 === 0 ? rng.integer(classes) : -1)),
  };
}

describe("the E step", () => {
  it("has the sums of the formula, over three blocks", () => {
    const answers = random(25_000);
    const { items, annotators, classes: K, itemStart, annotator, label, weight, truth } = answers;
    expect(blocksOf(answers)).toBe(3);
    const expectation = createExpectation(answers);
    const { logPrior, logConfusion, posterior } = expectation;
    const rng = createRng(1);
    for (const logs of [logPrior, logConfusion]) {
      for (let j = 0; j < logs.length; j++) logs[j] = Math.log(0.1 + rng.uniform());
    }
    const counts = {
      classes: new Float64Array(K).fill(9),
      answers: new Float64Array(annotators * K * K).fill(9),
    };
    // In any order, and one of them twice.
    for (const block of [2, 0, 1, 0]) expectBlock(expectation, block);
    const found = addBlocks(expectation, counts);

    let logLikelihood = 0;
    const expected = { classes: new Float64Array(K), answers: new Float64Array(annotators * K * K) };
    for (let i = 0; i < items; i++) {
      const labels = Array.from({ length: itemStart[i + 1] - itemStart[i] }, (_, n) => itemStart[i] + n);
      const joint = Array.from({ length: K }, (_, k) =>
        labels.reduce(
          (product, n) =>
            product * Math.exp(logConfusion[(annotator[n] * K + label[n]) * K + k]) ** weight[n],
          Math.exp(logPrior[k]),
        ),
      );
      const sum = joint.reduce((a, b) => a + b);
      logLikelihood += Math.log(truth[i] < 0 ? sum : joint[truth[i]]);
      for (let k = 0; k < K; k++) {
        const p = truth[i] < 0 ? joint[k] / sum : Number(k === truth[i]);
        expect(Math.abs(posterior[i * K + k] - p)).toBeLessThan(1e-12);
        expected.classes[k] += p;
        for (const n of labels) expected.answers[(annotator[n] * K + label[n]) * K + k] += weight[n] * p;
      }
    }
    const near = (a: number, b: number) => expect(Math.abs(a / b - 1)).toBeLessThan(1e-12);
    near(found, logLikelihood);
    for (const kind of ["classes", "answers"] as const) {
      for (const [j, x] of expected[kind].entries()) near(counts[kind][j], x);
    }
  });

  it("has one block where there are few labels, or few for the confusion matrices, and at most 16", () => {
    const few = random(8000);
    expect(blocksOf(few)).toBe(1);
    expect(blocksOf({ ...random(25_000), annotators: 2000 })).toBe(1);
    expect(blocksOf(random(200_000))).toBe(16);
  });
});
