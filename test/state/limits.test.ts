/** @file The memory that decoding a file may take. */

import { describe, expect, it } from "vitest";
import { allowanceOf } from "../../src/state/limits.js";

describe("the allowance of a file", () => {
  it("grows with its size, and counts everything together", () => {
    const most = 2 ** 28 + 64 * 1000;
    const allowance = allowanceOf(1000);
    expect(allowance.excess(most - 10)).toBeUndefined();
    expect(allowance.excess(11)).toMatch(
      `it takes 11 bytes of memory in addition to ${most - 10}, but a file of 1000 bytes may take ${most}`,
    );
    expect(allowance.excess(10)).toBeUndefined();
  });

  it("is exceeded by a size that is no number", () => {
    expect(allowanceOf(1000).excess(Number.NaN)).toMatch("it takes NaN bytes");
    expect(allowanceOf(1000).excess(Number.POSITIVE_INFINITY)).toMatch("it takes Infinity bytes");
  });
});
