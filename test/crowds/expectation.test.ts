/** @file The E step over blocks of items, against the formula over all items. */

import { describe, expect, it } from "vitest";
import {
  addBlocks,
  blocksOf,
  createExpectation,
  type Expectation,
  expectBlock,
} from "../../src/crowds/expectation.js";
import { logOf } from "../../src/crowds/log-weights.js";
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

/** Sets random parameters. */
function setParameters({ prior, confusion, logPrior, logConfusion }: Expectation) {
  const rng = createRng(1);
  const set = (values: Float64Array, logs: Float64Array) => {
    for (let j = 0; j < logs.length; j++) values[j] = 0.1 + rng.uniform();
    logs.set(values.map(logOf));
  };
  set(prior, logPrior);
  set(confusion, logConfusion);
}

describe("the E step", () => {
  it.each([
    { what: "weights and known truths", answers: random(25_000) },
    { what: "an even number of classes", answers: { ...random(25_000), classes: 4, weight: undefined } },
    {
      what: "neither weights nor truths, and an answer that one class never has",
      never: 0,
      answers: { ...random(25_000), weight: undefined, truth: undefined },
    },
  ])("has the sums of the formula, over three blocks: $what", ({ answers, never }) => {
    const { items, annotators, classes: K, itemStart, annotator, label, weight, truth } = answers;
    expect(blocksOf(answers)).toBe(3);
    const expectation = createExpectation(answers);
    setParameters(expectation);
    const { prior, confusion, posterior } = expectation;
    if (never !== undefined) confusion[never] = 0;
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
          (product, n) => product * confusion[(annotator[n] * K + label[n]) * K + k] ** (weight?.[n] ?? 1),
          prior[k],
        ),
      );
      const sum = joint.reduce((a, b) => a + b);
      const known = truth?.[i] ?? -1;
      logLikelihood += Math.log(known < 0 ? sum : joint[known]);
      for (let k = 0; k < K; k++) {
        const p = known < 0 ? joint[k] / sum : Number(k === known);
        expect(Math.abs(posterior[i * K + k] - p)).toBeLessThan(1e-12);
        expected.classes[k] += p;
        for (const n of labels)
          expected.answers[(annotator[n] * K + label[n]) * K + k] += (weight?.[n] ?? 1) * p;
      }
    }
    const near = (a: number, b: number) => expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-12 * Math.abs(b));
    near(found, logLikelihood);
    for (const kind of ["classes", "answers"] as const) {
      for (const [j, x] of expected[kind].entries()) near(counts[kind][j], x);
    }
  });

  it("infers an item of many labels, whose likelihood is no double number, from logarithms", () => {
    const labels = 2000;
    const answers = {
      ...{ items: 1, annotators: 1, classes: 2, itemStart: Int32Array.of(0, labels) },
      annotator: new Int32Array(labels),
      label: Int32Array.from({ length: labels }, (_, n) => n % 2),
    };
    const expectation = createExpectation(answers);
    // One answer of each kind is [0.5, 0.25] and [0.125, 0.25 * 1.001]: the products differ by 1.001 ** 1000.
    expectation.prior.set([0.5, 0.5]);
    expectation.confusion.set([0.5, 0.25, 0.125, 0.25 * 1.001]);
    expectation.logPrior.set(expectation.prior.map(Math.log));
    expectation.logConfusion.set(expectation.confusion.map(Math.log));
    expectBlock(expectation, 0);
    const ratio = 1.001 ** 1000;
    expect(expectation.posterior[0]).toBeCloseTo(1 / (1 + ratio), 9);
    const counts = { classes: new Float64Array(2), answers: new Float64Array(4) };
    const logLikelihood = Math.log(0.5) - 1000 * Math.log(16) + Math.log1p(ratio);
    expect(addBlocks(expectation, counts)).toBeCloseTo(logLikelihood, 6);
    expect(counts.answers[1]).toBeCloseTo((1000 * ratio) / (1 + ratio), 6);
  });

  it("has one block where there are few labels, or few for the confusion matrices, and at most 16", () => {
    const few = random(8000);
    expect(blocksOf(few)).toBe(1);
    expect(blocksOf({ ...random(25_000), annotators: 2000 })).toBe(1);
    expect(blocksOf(random(200_000))).toBe(16);
  });
});
