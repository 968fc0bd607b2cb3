/** @file Quasi-Newton ascent: the maximum of a quadratic, and points that it never makes worse. */

import { expect, it } from "vitest";
import { ascend } from "../../src/crowds/ascent.js";

it("finds the maximum of a badly scaled quadratic", () => {
  const scales = [1, 100, 0.01, 10];
  const point = new Float64Array(4);
  const value = ascend(
    point,
    (x, gradient) => {
      let sum = 0;
      for (let i = 0; i < 4; i++) {
        gradient[i] = -scales[i] * (x[i] - i);
        sum -= 0.5 * scales[i] * (x[i] - i) ** 2;
      }
      return sum;
    },
    100,
  );
  expect(value).toBeCloseTo(0, 9);
  [0, 1, 2, 3].forEach((x, i) => void expect(point[i]).toBeCloseTo(x, 3));
});

it("leaves a maximum where it is, and one step is no step down", () => {
  const f = (x: Float64Array, gradient: Float64Array) => {
    gradient[0] = -Math.sin(x[0]) * 50;
    return 50 * Math.cos(x[0]);
  };
  const top = new Float64Array(1);
  expect(ascend(top, f, 10)).toBe(50);
  expect(top[0]).toBe(0);
  const point = Float64Array.of(2);
  expect(ascend(point, f, 1)).toBeGreaterThan(50 * Math.cos(2));
});
