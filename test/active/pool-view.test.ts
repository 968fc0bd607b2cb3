/** @file A pool and a model as an acquisition sees them. */

import { describe, expect, it } from "vitest";
import type { Classifier } from "../../src/active/contract.js";
import { poolView } from "../../src/active/pool-view.js";
import { UsageError } from "../../src/errors.js";
import { createRng } from "../../src/random/rng.js";

function viewOf(classifier: Partial<Classifier>) {
  const whole: Classifier = {
    name: "mine",
    fit: async () => ({}),
    probabilities: async (_, features) => Float32Array.from(features, (x) => x / 10),
    ...classifier,
  };
  const features = (items: Int32Array) => Float32Array.from([...items].flatMap((item) => [item, 10 - item]));
  const rng = createRng(1);
  const seen = {
    classifier: whole,
    model: {},
    classes: 2,
    labelled: Int32Array.of(9),
    targets: Float32Array.of(0, 1),
    features,
    rng,
  };
  return poolView(seen, Int32Array.of(3, 5));
}

describe("a view of the pool", () => {
  it("has a row for each candidate, computed once, and can be restricted", async () => {
    let calls = 0;
    const view = viewOf({
      async probabilities(_, features) {
        calls++;
        return features.map((x) => x / 10);
      },
    });
    const rounded = (p: ArrayLike<number>) => Array.from(p, (x) => Math.round(10 * x));
    expect(rounded(await view.probabilities())).toEqual([3, 7, 5, 5]);
    await view.probabilities();
    expect(calls).toBe(1);
    expect(rounded(await view.restrictedTo(Int32Array.of(5)).probabilities())).toEqual([5, 5]);
  });

  it("refuses what is no probability, with the item and the classifier", async () => {
    const nan = viewOf({ probabilities: async () => Float32Array.of(0.5, 0.5, Number.NaN, 1) });
    await expect(nan.probabilities()).rejects.toThrow(
      "the classifier mine gave item 5 the probability NaN of class 0",
    );
    const short = viewOf({ probabilities: async () => Float32Array.of(0.5, 0.5) });
    await expect(short.probabilities()).rejects.toThrow("gave 2 probabilities for 2 items of 2 classes");
    const samples = viewOf({ samples: async () => ({ count: 2, data: [0, 1, 0, 1, 0, 1, 2, -1] }) });
    await expect(samples.samples()).rejects.toThrow("gave item 5 the probability 2 of class 0");
  });

  it("refuses what the classifier does not have", async () => {
    await expect(viewOf({}).samples()).rejects.toThrow(UsageError);
    await expect(viewOf({}).embeddings()).rejects.toThrow("the classifier mine has no embeddings");
    await expect(viewOf({}).updated(3, 1, Int32Array.of(5))).rejects.toThrow("has no updated");
  });
});
