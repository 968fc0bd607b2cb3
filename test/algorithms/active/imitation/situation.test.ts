/** @file What an acquisition policy sees: every part by hand, and the widths. */

import { describe, expect, it } from "vitest";
import {
  featureNames,
  inputsFor,
  inputsOf,
  type Situation,
  situationOf,
} from "../../../../algorithms/active/imitation/situation.js";
import { poolOf } from "../../../support/pools.js";

/** Two classes and embeddings of two numbers, by item; 20 and 21 have labels. */
const embeddings: Record<number, number[]> = { 1: [1, 0], 2: [3, 4], 20: [5, 1], 21: [7, 5] };
const predictions: Record<number, number[]> = {
  1: [0.75, 0.25],
  2: [0.25, 0.75],
  20: [0.5, 0.5],
  21: [0.875, 0.125],
};
const pool = poolOf({
  candidates: [1, 2],
  classes: 2,
  labelled: [20, 21],
  targets: [0, 1, 1, 0],
  probabilities: (item) => predictions[item],
  embedding: (item) => embeddings[item],
});
const widths = { classes: 2, embeddingWidth: 2 };
const plain = { standardise: false };

describe("the input of a policy", () => {
  it.each([
    ["labelledMean", [6, 3, 6, 3]],
    ["labelShares", [0.5, 0.5, 0.5, 0.5]],
    // Equal probabilities are a prediction of the first class.
    ["predictedShares", [1, 0, 1, 0]],
    ["embedding", [1, 0, 3, 4]],
    ["prediction", [1, 0, 0, 1]],
    ["probabilities", [0.75, 0.25, 0.25, 0.75]],
    // (p − e_ŷ) ⊗ z
    ["gradient", [-0.25, 0, 0.25, 0, 0.75, 1, -0.75, -1]],
    ["poolMean", [2, 2, 2, 2]],
  ] as const)("has %s", async (name, expected) => {
    const situation = await situationOf(pool, { ...plain, whole: pool });
    expect([...inputsFor([name], situation, widths)].map((x) => x + 0)).toEqual(expected);
  });

  it("has its parts in the order that is asked for, and 2e + 3K numbers for those of the paper", async () => {
    const situation = await situationOf(pool, plain);
    expect([...inputsFor(["prediction", "embedding"], situation, widths)]).toEqual([1, 0, 1, 0, 0, 1, 3, 4]);
    const paper = ["labelledMean", "labelShares", "predictedShares", "embedding", "prediction"] as const;
    const sizes = { classes: 10, embeddingWidth: 128 };
    expect(inputsOf(paper, sizes)).toBe(286);
    expect(inputsOf([...paper, "gradient"], sizes)).toBe(1566);
    expect(inputsOf(featureNames, widths)).toBe(4 * 2 + 4 * 2 - 2 + 4);
  });

  it("has the shares of beliefs, where labels are not certain", async () => {
    const unsure = poolOf({
      candidates: [1],
      classes: 2,
      labelled: [20, 21],
      targets: [0.25, 0.75, 1, 0],
      probabilities: (item) => predictions[item],
      embedding: (item) => embeddings[item],
    });
    expect([...(await situationOf(unsure, plain)).labelShares]).toEqual([0.625, 0.375]);
  });

  it("is scaled by the mean and the deviation of the candidates, also for the labelled items", async () => {
    const { labelledMean, embeddings: own } = await situationOf(pool, { standardise: true });
    expect([...own]).toEqual([-1, -1, 1, 1]);
    expect([...labelledMean]).toEqual([4, 0.5]);
  });

  it("does not depend on the scale and the place of embeddings then, and has 0 for a unit that never acts", async () => {
    const moved = async (scale: number): Promise<Situation> =>
      situationOf(
        poolOf({
          candidates: [1, 2],
          classes: 2,
          labelled: [20],
          targets: [0, 1],
          probabilities: (item) => predictions[item],
          embedding: (item) => [scale * embeddings[item][0] + scale, 0],
        }),
        { standardise: true },
      );
    expect(await moved(8)).toEqual(await moved(1));
    expect((await moved(8)).embeddings[1]).toBe(0);
  });
});
