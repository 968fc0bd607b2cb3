import { describe, expect, test } from "vitest";
import { schedules } from "../../src/nn/index.js";

describe("schedules", () => {
  test.each([
    ["constant", schedules.constant(3), [3, 3, 3]],
    ["linear", schedules.linear(1, 0), [1, 0.5, 0]],
    ["exponential", schedules.exponential(1, 1e-4), [1, 1e-2, 1e-4]],
    ["cosine", schedules.cosine(3, 1), [3, 2, 1]],
    [
      "piecewise",
      schedules.piecewise([
        [0.25, 0],
        [0.75, 4],
      ]),
      [0, 2, 4],
    ],
  ])("%s has its values at start, half and end, and is constant outside its range", (_, schedule, [
    start,
    half,
    end,
  ]) => {
    expect(schedule(0)).toBeCloseTo(start, 12);
    expect(schedule(-1)).toBe(schedule(0));
    expect(schedule(0.5)).toBeCloseTo(half, 12);
    expect(schedule(1)).toBeCloseTo(end, 12);
    expect(schedule(7)).toBe(schedule(1));
  });

  test("cosine is flat at both ends", () => {
    const schedule = schedules.cosine(1, 0);
    expect(1 - schedule(0.01)).toBeLessThan(3e-4);
    expect(schedule(0.99)).toBeLessThan(3e-4);
  });

  test("two knots at the same progress make a step", () => {
    const schedule = schedules.piecewise([
      [0, 1],
      [0.5, 1],
      [0.5, 0.1],
      [1, 0.1],
    ]);
    expect(schedule(0.499)).toBe(1);
    expect(schedule(0.5)).toBe(0.1);
    expect(schedule(1)).toBe(0.1);
  });

  test("warm-up is a piecewise schedule", () => {
    const schedule = schedules.piecewise([
      [0, 0],
      [0.1, 1],
      [1, 0],
    ]);
    expect(schedule(0.05)).toBeCloseTo(0.5, 12);
    expect(schedule(0.1)).toBeCloseTo(1, 12);
    expect(schedule(0.55)).toBeCloseTo(0.5, 12);
  });

  test("invalid schedules are refused", () => {
    expect(() => schedules.exponential(1, 0)).toThrow("1 and 0 must be non-zero and have the same sign");
    expect(() => schedules.exponential(1, -1)).toThrow("same sign");
    expect(() => schedules.piecewise([])).toThrow("at least one");
    expect(() =>
      schedules.piecewise([
        [0, 1],
        [2, 0],
      ]),
    ).toThrow("knot 1 is at progress 2, outside [0, 1]");
    expect(() =>
      schedules.piecewise([
        [0.6, 1],
        [0.5, 0],
      ]),
    ).toThrow("knot 1 at 0.5 comes after one at 0.6");
  });
});
