/** @file The map from normalised actions to a box: where the bounds go, for every kind of bounds. */

import { describe, expect, it } from "vitest";
import {
  actionScaling,
  box,
  discrete,
  executedActions,
  logScale,
  unboundedEntry,
} from "../../src/spaces/index.js";

describe("actionScaling", () => {
  it("maps −1 and 1 to the bounds of every entry", () => {
    const { centre, halfWidth } = actionScaling(box([3], [100, -5, -0.4], [300, -4, 0.4]))!;
    expect(centre).toEqual([200, -4.5, 0]);
    expect(halfWidth).toEqual([100, 0.5, 0.4]);
  });

  it.each([
    ["no bounds", -Infinity, Infinity, 0, 1],
    ["placeholders for no bounds", -3.4e38, 3.4e38, 0, 1],
    ["a lower bound, which becomes −1", 5, Infinity, 6, 1],
    ["an upper bound, which becomes 1", -Infinity, 5, 4, 1],
    ["a lower bound and a placeholder", 0, 1e9, 1, 1],
    ["one value, which becomes 0", 7, 7, 7, 1],
    ["large bounds", 0, 1e6, 5e5, 5e5],
  ])("takes an entry with %s", (_, low, high, centre, halfWidth) => {
    const second = { low: -2, high: 2 };
    const scaling = actionScaling(box([2], [low, second.low], [high, second.high]));
    expect(scaling).toEqual({ centre: [centre, 0], halfWidth: [halfWidth, 2] });
  });

  it("is absent where nothing changes", () => {
    expect(actionScaling(box([2], -1, 1))).toBeUndefined();
    expect(actionScaling(box([2], [-1, -Infinity], [1, Infinity]))).toBeUndefined();
    expect(actionScaling(discrete(3))).toBeUndefined();
    expect(actionScaling(box([2], [-1, -1], [1, 1.5]))).toBeDefined();
  });

  it("changes densities by the logarithm of the half-widths", () => {
    expect(logScale(actionScaling(box([2], [0, 0], [6, 1])))).toBeCloseTo(Math.log(3) - Math.log(2), 12);
    expect(logScale(undefined)).toBe(0);
  });
});

describe("unboundedEntry", () => {
  it.each([
    [box([2], -1, [1, 2]), -1],
    [box([2], -1, [1, Infinity]), 1],
    [box([2], [-Infinity, 0], 1), 0],
    [box([2], [0, 1], [1, 1]), 1],
    [box([1], -1e10, 1e10), 0],
  ])("of %j is %i", (space, entry) => {
    expect(unboundedEntry(space)).toBe(entry);
  });
});

describe("executedActions", () => {
  it("are clipped to a box, entry by entry, and else the actions themselves", () => {
    const space = box([2], [-1, 0], [1, Infinity]);
    expect(executedActions(space, Float32Array.of(-3, -3, 3, 3))).toEqual(Float32Array.of(-1, 0, 1, 3));
    const inside = Float32Array.of(-1, 0, 1, 9);
    expect(executedActions(space, inside)).toBe(inside);
    const choices = Int32Array.of(0, 5);
    expect(executedActions(discrete(3), choices)).toBe(choices);
  });
});
