/** @file Features of transitions. */

import { describe, expect, it } from "vitest";
import { actionFeatures, stateFeatures } from "../../../algorithms/shared/transition-features.js";
import { box, discrete } from "../../../src/spaces/index.js";
import * as t from "../../../src/tensor/index.js";

describe("features of transitions", () => {
  it("are normalised observations and a flag; in the absorbing state only the flag is set", () => {
    const space = box([2], -100, 100);
    const program = t.program(
      { x: t.float32([2, 2]), absorbing: t.float32([2]), mean: t.float32([2]), scale: t.float32([2]) },
      ({ x, absorbing, mean, scale }) => ({ out: stateFeatures(space, x, absorbing, { mean, scale }) }),
    );
    const { out } = program.interpret({ x: [3, 8, 3, 8], absorbing: [0, 1], mean: [1, 2], scale: [0.5, 10] });
    expect(Array.from(out)).toEqual([1, 10, 0, 0, 0, 1]);
  });

  it("of actions are one-hot, or clipped to their box and scaled to [−1, 1]", () => {
    const choices = t.program({ a: t.int32([2]), absorbing: t.float32([2]) }, ({ a, absorbing }) => ({
      out: actionFeatures(discrete(3), a, absorbing),
    }));
    expect(Array.from(choices.interpret({ a: [2, 2], absorbing: [0, 1] }).out)).toEqual([0, 0, 1, 0, 0, 0]);
    const space = box([2], [0, Number.NEGATIVE_INFINITY], [4, Number.POSITIVE_INFINITY]);
    const moves = t.program({ a: t.float32([1, 2]), absorbing: t.float32([1]) }, ({ a, absorbing }) => ({
      out: actionFeatures(space, a, absorbing),
    }));
    expect(Array.from(moves.interpret({ a: [9, 9], absorbing: [0] }).out)).toEqual([1, 9]);
  });
});
