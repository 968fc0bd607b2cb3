/** @file The networks of CrowdInG: the discriminator's form, what the generator sees, and the graph of labels. */

import { describe, expect, it } from "vitest";
import { generator, judge, labelCorrelation } from "../../../../algorithms/crowds/crowd-in-g/networks.js";
import { annotationsFrom } from "../../../../src/crowds/index.js";
import type * as nn from "../../../../src/nn/index.js";
import { createRng } from "../../../../src/random/rng.js";
import * as t from "../../../../src/tensor/index.js";

const [width, annotators, classes, embedding] = [2, 3, 3, 2];
const pair = { x: [1, -2, 0.5, 0.3], annotator: [2, 0] };
const inputs = { x: t.float32([2, width]), annotator: t.int32([2]) };

describe("the discriminator", () => {
  it("is u M̂_c v, with the matrices of classes mixed by the correlation", () => {
    const correlation = Float32Array.of(0.7, 0.3, 0, 0.3, 0.6, 0.1, 0, 0.1, 0.9);
    const own = judge({ width, annotators, classes, embedding, correlation });
    const vector = own.layout.initialise(createRng(1));
    const views = own.layout.views(vector);
    const { scores } = t
      .program({ parameters: t.float32([own.layout.size]), ...inputs }, ({ parameters, x, annotator }) => ({
        scores: own.scores(own.layout.unflatten(parameters) as nn.TensorTree, { x, annotator }),
      }))
      .interpret({ parameters: Array.from(vector), ...pair });
    const [table, mix, weights] = ["annotator", "mix", "classes"].map((name) => views[name].data);
    const [w, b] = [views["item.weight"].data, views["item.bias"].data];
    for (const n of [0, 1]) {
      const u = [table[2 * pair.annotator[n]], table[2 * pair.annotator[n] + 1]];
      const v = [0, 1].map((j) => b[j] + pair.x[2 * n] * w[j] + pair.x[2 * n + 1] * w[2 + j]);
      for (let c = 0; c < classes; c++) {
        let expected = 0;
        for (const a of [0, 1]) {
          for (const j of [0, 1]) {
            // M̂_c = Σ_d S_cd M_d W.
            let m = 0;
            for (let d = 0; d < classes; d++) {
              for (const k of [0, 1])
                m += correlation[c * classes + d] * weights[4 * d + 2 * a + k] * mix[2 * k + j];
            }
            expected += u[a] * m * v[j];
          }
        }
        expect(scores[n * classes + c]).toBeCloseTo(expected, 6);
      }
    }
  });
});

describe("the generator", () => {
  const answersOf = (sees: "everything" | "no items" | "no annotators", changed: Partial<typeof pair>) => {
    const own = generator({ width, annotators, classes, embedding, noise: 2, sees });
    return t
      .program(
        { ...inputs, z: t.float32([2, classes]), noise: t.float32([2, 2]) },
        ({ z, noise, x, annotator }) => ({
          answers: own.answers(
            own.layout.constants(own.layout.initialise(createRng(2))) as nn.TensorTree,
            { x, annotator },
            z,
            noise,
          ),
        }),
      )
      .interpret({ ...pair, ...changed, z: [1, 0, 0, 0, 1, 0], noise: [0.1, 0.2, 0.3, 0.4] }).answers;
  };
  const [otherItem, otherAnnotator] = [{ x: [9, 9, 9, 9] }, { annotator: [1, 1] }];

  it("depends on items and annotators, or not, as it is told", () => {
    expect(answersOf("everything", {})).not.toEqual(answersOf("everything", otherItem));
    expect(answersOf("everything", {})).not.toEqual(answersOf("everything", otherAnnotator));
    expect(answersOf("no items", {})).toEqual(answersOf("no items", otherItem));
    expect(answersOf("no items", {})).not.toEqual(answersOf("no items", otherAnnotator));
    expect(answersOf("no annotators", {})).toEqual(answersOf("no annotators", otherAnnotator));
    const sum = answersOf("everything", {})
      .subarray(0, 3)
      .reduce((total, log) => total + Math.exp(log), 0);
    expect(sum).toBeCloseTo(1, 9);
  });
});

describe("the correlation of labels", () => {
  it("is D^(−½) (A + I) D^(−½) of different labels of an item", () => {
    const rows = ["aab", "bc"].flatMap((answers, item) =>
      [...answers].map((label, annotator) => ({ item, annotator, label })),
    );
    // A: a–b twice, b–c once.
    const degrees = [3, 4, 2];
    const graph = [1, 2, 0, 2, 1, 1, 0, 1, 1];
    const found = labelCorrelation(annotationsFrom(rows));
    graph.forEach((count, at) => {
      const root = Math.sqrt(degrees[Math.floor(at / 3)] * degrees[at % 3]);
      expect(found[at]).toBeCloseTo(count / root, 6);
    });
  });
});
