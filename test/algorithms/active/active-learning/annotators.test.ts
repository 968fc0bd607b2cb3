/** @file Whom to ask: the model of Yan, costs, and exploration. */

import { describe, expect, it } from "vitest";
import { chooseAnnotator, type Known } from "../../../../algorithms/active/active-learning/annotators.js";
import { type ActiveLearningOptions, activeLearning } from "../../../../algorithms/active/active-learning.js";
import { createRng } from "../../../../src/random/rng.js";
import { train } from "../../../../src/runs/train.js";
import { blobs } from "../../../support/blobs.js";

const set = blobs({ items: 600, spread: 0.3 });
const classifier = "naive-bayes";

async function runOf(options: ActiveLearningOptions, seed = 0) {
  const common = { classifier, initial: 20, batch: 20, budget: 260, initialBalanced: false };
  const run = await train.run(activeLearning({ ...common, ...options }), { data: set, seed });
  run.close();
  return run;
}

const people = [0.95, 0.85, 0.75, 0.65, 0.55];
const yan: ActiveLearningOptions = {
  aggregate: "yan",
  annotatorChoice: "yan",
  annotators: people,
  annotatorsAbove: people.toReversed(),
};

describe("annotators who are good on different halves of the items", () => {
  it.each(["yan", "yan-joint"] as const)("are asked where they are good: %s", async (annotatorChoice) => {
    const two = { answersPerItem: 2, batch: 30, initial: 30, acquisition: "random" };
    const { state, metrics } = await runOf({ ...yan, ...two, annotatorChoice });
    const median = Float32Array.from(state.split.pool, (i) => set.features[2 * i]).sort()[225];
    const late = state.answers.filter(({ id }) => id > 100);
    const shareOf = (isAbove: boolean, names: string[]) => {
      const half = late.filter(({ item }) => set.features[2 * item] > median === isAbove);
      return half.filter(({ annotator }) => names.includes(annotator)).length / half.length;
    };
    expect(shareOf(false, ["annotator 1", "annotator 2"])).toBeGreaterThan(0.55);
    expect(shareOf(true, ["annotator 4", "annotator 5"])).toBeGreaterThan(0.55);
    const votes = await runOf({ ...yan, ...two, aggregate: "majority-vote", annotatorChoice: "random" });
    expect(metrics.at(-1)!.rightLabels).toBeGreaterThan(votes.metrics.at(-1)!.rightLabels + 0.05);
  });
});

describe("a spammer", () => {
  it("gets less than 5 % of the questions after the first 100", async () => {
    let [late, his] = [0, 0];
    for (const seed of [0, 1]) {
      const annotators = [0.9, 0.9, 0.9, 0.9, 1 / 3];
      const { state } = await runOf(
        { ...yan, annotators, annotatorsAbove: undefined, batch: 40, budget: 300 },
        seed,
      );
      const after = state.answers.filter(({ id }) => id > 100);
      late += after.length;
      his += after.filter(({ annotator }) => annotator === "annotator 5").length;
    }
    expect(his / late).toBeLessThan(0.05);
  });
});

describe("the choice of an annotator", () => {
  const known = (own: Partial<Known>): Known => ({
    agrees: Float64Array.of(500, 900),
    answers: Float64Array.of(1000, 1000),
    worth: (_, p) => p,
    expertise: [0.5, 0.9],
    exploration: 0.05,
    ...own,
  });
  const shareOfFirst = (choice: Parameters<typeof chooseAnnotator>[0], records: Known) => {
    const rng = createRng(1);
    const picks = Array.from({ length: 4000 }, () => chooseAnnotator(choice, [0, 1], records, rng));
    return picks.filter((a) => a === 0).length / 4000;
  };

  it("by Yan's model never stops exploring, and explores more with few answers", () => {
    expect(shareOfFirst("yan", known({}))).toBeCloseTo(0.025, 1);
    expect(shareOfFirst("yan", known({}))).toBeGreaterThan(0.015);
    expect(shareOfFirst("yan", known({ exploration: 0 }))).toBeLessThan(0.005);
    const few = known({ answers: Float64Array.of(1, 1), exploration: 0 });
    expect(shareOfFirst("yan", few)).toBeCloseTo(0.25, 1);
    expect(shareOfFirst("yan", known({ expertise: undefined }))).toBeCloseTo(0.5, 1);
  });

  it.each([
    "yan",
    "interval-estimation",
    "thompson",
  ] as const)("is by what an answer is worth for its cost, and chance is worth nothing: %s", (choice) => {
    const costs = (...list: number[]) =>
      known({ exploration: 0, worth: (a, p) => Math.max(0, p - 0.4) / list[a] });
    expect(shareOfFirst(choice, costs(1, 1))).toBeLessThan(0.01);
    expect(shareOfFirst(choice, costs(1, 10))).toBeGreaterThan(0.99);
  });
});

describe("costs", () => {
  it("are counted", async () => {
    const { metrics, state } = await runOf({
      annotators: [0.9, 0.9],
      annotatorCosts: [1, 5],
      annotatorChoice: "thompson",
      budget: 100,
    });
    const dear = state.askedOf.filter((a) => a === 1).length;
    expect(metrics.at(-1)!.cost).toBe(100 + 4 * dear);
    expect(dear).toBeLessThan(25);
  });
});

describe("bad input", () => {
  it.each<[ActiveLearningOptions, string]>([
    [{ annotators: [0.9], annotatorCosts: [1, 2] }, "annotatorCosts has 2 numbers, and annotators 1"],
    [{ annotatorsAbove: [1] }, "annotatorsAbove has 1 numbers, and annotators none"],
    [{ annotators: [0.9, 0.9], annotatorChoice: "yan" }, "set aggregate to yan"],
    [{ stopAccuracy: 0.9 }, "set validation, such as 100"],
  ])("%j is refused", (options, message) => {
    expect(() => activeLearning(options)).toThrow(message);
  });
});
