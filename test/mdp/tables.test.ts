/** @file Rows of tables: their softmax. */

import { expect, it } from "vitest";
import { softmaxInPlace } from "../../src/mdp/tables.js";

it("a softmax replaces its part of a row, and returns the log of the sum of exponentials", () => {
  const row = Float64Array.of(7, Math.log(1), Math.log(2), Math.log(5), 7);
  expect(softmaxInPlace(row, 1, 3)).toBeCloseTo(Math.log(8), 12);
  for (const [i, x] of [7, 1 / 8, 2 / 8, 5 / 8, 7].entries()) expect(row[i]).toBeCloseTo(x, 12);
});

it.each([-1e5, 1e5])("a softmax of numbers near %d neither overflows nor vanishes", (offset) => {
  const row = Float64Array.of(offset, offset + Math.log(3));
  expect(softmaxInPlace(row)).toBeCloseTo(offset + Math.log(4), 9);
  expect(row[0]).toBeCloseTo(0.25, 9);
  expect(row[1]).toBeCloseTo(0.75, 9);
});
