/** @file Scheduled options: their values at steps, and what they refuse. */

import { describe, expect, it } from "vitest";
import * as z from "zod";
import { scheduled, valueAt } from "../../../algorithms/shared/schedule.js";

const schema = scheduled(z.number().min(0));

describe("a scheduled option", () => {
  it("is a constant, or goes from one value to the other and stays there", () => {
    expect([valueAt(0.3, 0), valueAt(0.3, 1e9)]).toEqual([0.3, 0.3]);
    const path = { from: 4, to: 1, steps: 10 };
    for (const [shape, middle] of [
      ["linear", 2.5],
      ["exponential", 2],
      ["cosine", 2.5],
    ] as const) {
      const values = [0, 5, 10, 20].map((step) => valueAt({ ...path, shape }, step));
      for (const [i, x] of [4, middle, 1, 1].entries()) expect(values[i]).toBeCloseTo(x, 12);
    }
    expect(valueAt({ ...path, shape: "cosine" }, 2.5)).toBeCloseTo(2.5 + 1.5 * Math.SQRT1_2, 12);
  });

  it("is linear by default, and an exponential one needs ends above 0", () => {
    expect(schema.parse({ from: 1, to: 0, steps: 5 })).toEqual({ from: 1, to: 0, steps: 5, shape: "linear" });
    for (const ends of [
      { from: 0, to: 1 },
      { from: 1, to: 0 },
    ]) {
      for (const shape of ["linear", "cosine"]) {
        expect(schema.safeParse({ ...ends, steps: 5, shape }).success).toBe(true);
      }
      const refused = schema.safeParse({ ...ends, steps: 5, shape: "exponential" });
      expect(refused.error?.issues[0].message).toMatch(/exponential schedule needs numbers above 0/);
    }
    expect(schema.safeParse({ from: 1, to: 0.5, steps: 5, shape: "exponential" }).success).toBe(true);
  });
});
