/** @file The inputs of a discriminator: which there are, and what is drawn for them. */

import { describe, expect, it } from "vitest";
import {
  createDrawn,
  type DiscriminatorTask,
  drawnFeeds,
  minibatchInputs,
  scalingFeeds,
  scalingInputs,
  shareFeeds,
} from "../../../../algorithms/imitation/adversarial/inputs.js";
import { discriminatorSchema } from "../../../../algorithms/imitation/adversarial/options.js";
import { pairScorer } from "../../../../algorithms/imitation/adversarial/scorers.js";
import { expertRows, type RowSource } from "../../../../algorithms/shared/transition-rows.js";
import { demonstrationsOf } from "../../../../src/datasets/demonstrations.js";
import { addRow, createMoments } from "../../../../src/env/moments.js";
import { createRng } from "../../../../src/random/rng.js";
import { box, discrete } from "../../../../src/spaces/index.js";

const spaces = { observationSpace: box([1], -9, 9), actionSpace: discrete(2) };
const taskOf = (window: number, options: object = {}): DiscriminatorTask => ({
  spaces,
  scorer: pairScorer(spaces, { hidden: [], activation: "tanh" }),
  options: discriminatorSchema.parse({ minibatchSize: 2, updates: 3, ...options }),
  usesPolicy: true,
  window,
  withAbsorbing: false,
});
/** An episode of three steps that ends. */
const source: RowSource = {
  ...expertRows(
    demonstrationsOf(
      [
        {
          observations: Float32Array.of(1, 2, 3, 4),
          actions: Int32Array.of(0, 1, 0),
          rewards: new Float64Array(3),
          terminated: true,
          truncated: false,
        },
      ],
      { env: "Line", ...spaces },
    ),
    false,
  ),
  logProbs: Float32Array.of(-1, -2, -3),
};

describe("drawn rows", () => {
  const drawn = (window: number) => {
    const task = taskOf(window);
    const both = { expert: createDrawn(task), learner: createDrawn(task) };
    return drawnFeeds({ ...task, drawn: both }, "learner", source, createRng(0)) as Record<
      string,
      Float32Array
    >;
  };

  it("are single transitions, of which all numbers belong together", () => {
    const { learnerObservations, learnerActions, learnerLogProbs, ...others } = drawn(1);
    expect(Object.keys(others)).toEqual(["learnerAbsorbing"]);
    expect(learnerObservations).toHaveLength(6);
    for (const [i, x] of learnerObservations.entries()) {
      expect([learnerActions[i], learnerLogProbs[i]]).toEqual([x === 2 ? 1 : 0, -x]);
    }
    expect(new Set(learnerObservations).size).toBe(3);
  });

  it("of windows are steps that follow each other, with a mask of those that exist", () => {
    const { learnerObservations: seen, learnerMask: mask } = drawn(2);
    expect(mask).toHaveLength(12);
    expect(mask.includes(1)).toBe(true);
    for (let k = 0; k < 12; k += 2) {
      expect(mask[k]).toBe(1);
      if (mask[k + 1]) expect(seen[k + 1]).toBe(seen[k] + 1);
      else expect(seen[k]).toBe(3);
    }
  });
});

it("interpolation weights are on [0, 1), one a row, and only for a gradient penalty", () => {
  const task = taskOf(2, { gradientPenalty: 1 });
  const { shares } = shareFeeds(task, createRng(0));
  expect(shares).toHaveLength(12);
  expect(shares.every((x) => x >= 0 && x < 1)).toBe(true);
  expect(new Set(shares).size).toBe(12);
  expect(Object.keys(minibatchInputs(task))).toContain("shares");
  const without = taskOf(2, { gradientPenalty: 0 });
  expect(shareFeeds(without, createRng(0))).toEqual({});
  expect(Object.keys(minibatchInputs(without))).not.toContain("shares");
});

it("masks are inputs of windows only", () => {
  expect(Object.keys(minibatchInputs(taskOf(2)))).toEqual(
    expect.arrayContaining(["expertMask", "learnerMask"]),
  );
  expect(Object.keys(minibatchInputs(taskOf(1))).filter((name) => name.includes("Mask"))).toEqual([]);
});

it("observations are standardised by the mean and one over the deviation", () => {
  const moments = createMoments(1);
  for (const row of [0, 1]) addRow(moments, [10, 14], row);
  const { mean, scale } = scalingFeeds(moments)!;
  expect(mean[0]).toBe(12);
  expect(scale[0]).toBeCloseTo(1 / 2, 3);
  expect(scalingFeeds()).toBeUndefined();
  expect(Object.keys(scalingInputs(taskOf(1)))).toEqual(["mean", "scale"]);
  expect(scalingInputs(taskOf(1, { normaliseObservations: false }))).toEqual({});
  const numbered = { ...taskOf(1), spaces: { ...spaces, observationSpace: discrete(3) } };
  expect(scalingInputs(numbered)).toEqual({});
});
