/** @file ALIL: its expert by brute force, and bad input. */

import { describe, expect, it } from "vitest";
import { type AlilOptions, alil } from "../../../algorithms/active/alil.js";
import { featuresOf } from "../../../src/datasets/labelled.js";
import { UsageError } from "../../../src/errors.js";
import { createRng } from "../../../src/random/rng.js";
import { restore, snapshot } from "../../../src/state/snapshot.js";
import { blobs } from "../../support/blobs.js";
import { centroids } from "../../support/centroids.js";

const set = blobs({ spread: 0.6 });
const small = {
  ...{ classifier: centroids(), standardise: false, hidden: [8], epochs: 3 },
  ...{ initial: 6, budget: 12, candidates: 5, episodes: 2, judge: 60 },
};

async function run(options: AlilOptions = {}) {
  const learner = alil({ ...small, ...options });
  const state = await learner.init(set, createRng(0));
  const labelled: Int32Array[] = [];
  const metrics = [];
  while (!learner.done!(state)) {
    metrics.push(await learner.update(state));
    labelled.push(state.labelled);
  }
  return { learner, state, labelled, metrics };
}

describe("the expert", () => {
  it("is the candidate after whose label the loss on the judging items is lowest, found by brute force", async () => {
    const { state, labelled, metrics } = await run({ beta: { kind: "constant", value: 1 } });
    expect(state.pairs).toHaveLength(12);
    const classifier = centroids()({ shape: [2], classes: 3 });
    const lossWith = async (items: Int32Array) => {
      const targets = new Float32Array(3 * items.length);
      items.forEach((item, i) => {
        targets[3 * i + set.labels![item]] = 1;
      });
      const model = await classifier.fit(
        { count: items.length, features: featuresOf(set, items), targets },
        createRng(0),
      );
      const p = await classifier.probabilities(model, featuresOf(set, state.judge));
      const terms = [...state.judge].map((item, i) => -Math.log(p[3 * i + set.labels![item]]));
      return terms.reduce((a, b) => a + b) / terms.length;
    };
    // The labelled items of the first course before its last steps.
    for (const n of [1, 2, 3, 4]) {
      const { embeddings, chosen } = state.pairs[n];
      const losses: number[] = [];
      for (let i = 0; i < 5; i++) {
        const item = Array.from({ length: 300 }, (_, k) => k).find(
          (k) =>
            set.features[2 * k] === embeddings[2 * i] && set.features[2 * k + 1] === embeddings[2 * i + 1],
        )!;
        losses.push(await lossWith(Int32Array.from([...labelled[n - 1], item])));
      }
      const best = losses.indexOf(Math.min(...losses));
      expect([...chosen]).toEqual([0, 1, 2, 3, 4].map((i) => Number(i === best)));
      expect(metrics[n].bestLoss).toBeCloseTo(losses[best], 10);
    }
  });
});

describe("the policy", () => {
  it("draws candidates for each item, of which it takes the best, and resumes bit for bit", async () => {
    const { learner, state } = await run();
    expect(learner.artefact(state).settings).toMatchObject({
      learner: "alil",
      subPool: 5,
      drawsByItem: true,
    });
    const [once, again] = [await learner.init(set, createRng(0)), await learner.init(set, createRng(0))];
    for (let step = 0; step < 6; step++) {
      restore(again, structuredClone(snapshot(once)));
      await learner.update(once);
      await learner.update(again);
      expect(snapshot(again)).toEqual(snapshot(once));
    }
  });
});

describe("bad input", () => {
  it.each<[AlilOptions, string]>([
    [{ candidates: 1 }, "candidates is 1 and so is the batch: there is nothing to choose; raise candidates"],
    [{ budget: 6 }, "the budget of 6 items is no more than the initial 6"],
    [{ budget: 238 }, "candidates is 5, and with a budget of 238 the last steps would have fewer"],
    [{ judge: 300 }, "judge is 300, and the data have 300 items with a label"],
  ])("%j is refused", async (options, message) => {
    const init = async () => alil({ ...small, ...options }).init(set, createRng(0));
    await expect(init()).rejects.toThrow(message);
    await expect(init()).rejects.toThrow(UsageError);
  });
});
