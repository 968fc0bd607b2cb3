/** @file Unusual bounds of actions, each of them found, and usual ones left alone. */

import { describe, expect, it } from "vitest";
import { checkActions } from "../../src/env/check-actions.js";
import { box, discrete, type Space } from "../../src/spaces/index.js";

function warnings(space: Space): string[] {
  const found: string[] = [];
  checkActions("It", space, (severity, what, fix) => {
    expect(severity).toBe("warning");
    expect(fix).toMatch(/\w/);
    found.push(what);
  });
  return found;
}

describe("checkActions", () => {
  it.each([
    [[0, 2], [1, 2], "It: entry 1 of the action, in [2, 2], has one value only"],
    [
      [-Infinity, -Infinity],
      [1, 0],
      "It: entry 0 of the action (and 1 more), in [-Infinity, 1], lacks a bound",
    ],
    [[-3.4e38, -1], [3.4e38, 1], "It: entry 0 of the action, in [-3.4e+38, 3.4e+38], lacks a bound"],
    [[0, 0], [1, 1e7], "It: entry 1 of the action, in [0, 10000000], has a huge range"],
    [[100, -1], [200, 1], "It: entry 0 of the action, in [100, 200], is far from ±1"],
    [[-1, -5], [1, -4], "It: entry 1 of the action, in [-5, -4], is far from ±1"],
    [[-1, -1e-3], [1, 1e-3], "It: entry 1 of the action, in [-0.001, 0.001], is far from ±1"],
    [[-1000, -1], [1000, 1], "It: entry 0 of the action, in [-1000, 1000], is far from ±1"],
  ])("warns of [%j, %j]", (low, high, warning) => {
    expect(warnings(box([2], low, high))).toEqual([warning]);
  });

  it("gives one warning for each kind", () => {
    expect(warnings(box([3], [0, -Infinity, 100], [0, 0, 300]))).toHaveLength(3);
  });

  it.each([
    [box([2], -1, 1)],
    [box([3], [-2, -0.4, 0], [2, 0.4, 1])],
    [box([1], 0, 100)],
    [discrete(3)],
  ])("has nothing to say about %j", (space) => {
    expect(warnings(space)).toEqual([]);
  });
});
