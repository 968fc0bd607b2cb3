/** @file Typed arrays, one after the other. */

import { expect, it } from "vitest";
import { concatenated } from "../../src/state/concatenated.js";

it("joins arrays of one type in order, also none and empty ones", () => {
  const parts = [Int32Array.of(3, 1), new Int32Array(0), Int32Array.of(2)];
  expect(concatenated(Int32Array, parts)).toEqual(Int32Array.of(3, 1, 2));
  expect(concatenated(Float32Array, [])).toEqual(new Float32Array(0));
});
