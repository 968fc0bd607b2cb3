/** @file Tests of supervised fine-tuning: it clones the chosen segments, by their weights, and no others. */

import { expect, it } from "vitest";
import { sft } from "../../../algorithms/index.js";
import "../../../envs/index.js";
import { train } from "../../../index.js";
import { preferencesOf } from "../../../src/datasets/preferences.js";
import { box, discrete } from "../../../src/spaces/index.js";

/** Segments of one step in one state: 0 takes action 0, 1 takes action 1. */
const header = { env: "one-state", observationSpace: box([1], -1, 1), actionSpace: discrete(2) };
const segments = [0, 1].map((action) => ({
  observations: new Float32Array(2),
  actions: Int32Array.of(action),
  terminated: false,
}));

async function shareOfFirst(weights: [number, number]) {
  const comparisons = [
    { id: 1, left: 0, right: 1, choice: "left" as const, weight: weights[0] },
    { id: 2, left: 0, right: 1, choice: "right" as const, weight: weights[1] },
    { id: 3, left: 0, right: 1, choice: "equal" as const },
  ];
  const preferences = preferencesOf(segments, comparisons, header);
  const algorithm = sft({ preferences, epochs: 400, learningRate: 1e-2, hidden: [], minibatchSize: 2 });
  const policy = await train(algorithm, { seed: 0 });
  const [first] = await policy.probabilities!(new Float32Array(1));
  return first;
}

it("takes actions in proportion to the weights of the answers that chose them", async () => {
  expect(await shareOfFirst([1, 1])).toBeCloseTo(0.5, 2);
  expect(await shareOfFirst([3, 1])).toBeCloseTo(0.75, 2);
  expect(await shareOfFirst([1, 0])).toBeGreaterThan(0.95);
});
