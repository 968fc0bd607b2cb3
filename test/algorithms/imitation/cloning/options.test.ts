/** @file Passes over the data: a number, or the least number of gradient steps. */

import { describe, expect, it } from "vitest";
import { passesOf } from "../../../../algorithms/imitation/cloning/options.js";

describe("passesOf", () => {
  it("is the number that was given", () => {
    expect(passesOf(7, 1000, 32)).toBe(7);
  });

  it("adds passes up to the gradient steps, rounded up to whole passes", () => {
    expect(passesOf({ updates: 100, least: 1 }, 320, 32)).toBe(10);
    expect(passesOf({ updates: 101, least: 1 }, 320, 32)).toBe(11);
  });

  it("is never below the least number of passes", () => {
    expect(passesOf({ updates: 100, least: 3 }, 100_000, 32)).toBe(3);
    expect(passesOf({ updates: 1, least: 1 }, 100_000, 32)).toBe(1);
  });
});
