/** @file OWL-QN and Adam: minima of quadratics, with and without the penalty that sets weights to 0. */

import { describe, expect, it } from "vitest";
import {
  adamStep,
  pseudoGradient,
  quasiNewtonStep,
  startAdam,
  startQuasiNewton,
} from "../../../../algorithms/irl/shared/optimise.js";
import { createRng } from "../../../../src/random/rng.js";

/** ½ Σ cᵢ (xᵢ − yᵢ)², whose penalised minimum is y moved towards 0 by l1 / c, and stopped there. */
const curvature = Float64Array.from({ length: 20 }, (_, i) => 10 ** (i / 5));
const optimum = createRng("optimum").fillNormal(new Float64Array(20));
const smooth = async (x: Float64Array) => {
  const gradient = x.map((value, i) => curvature[i] * (value - optimum[i]));
  return { value: gradient.reduce((sum, g, i) => sum + (g * g) / (2 * curvature[i]), 0), gradient };
};

describe.each([0, 0.5])("with l1 = %d", (l1) => {
  const solution = optimum.map((y, i) => Math.sign(y) * Math.max(0, Math.abs(y) - l1 / curvature[i]));

  it("quasi-Newton steps reach the minimum, with exact zeros", async () => {
    const state = await startQuasiNewton(new Float64Array(20), smooth, l1);
    let before = state.objective;
    for (let i = 0; i < 400 && !state.settled; i++) {
      await quasiNewtonStep(state, smooth, l1);
      expect(state.objective).toBeLessThanOrEqual(before);
      before = state.objective;
    }
    for (const [i, x] of state.point.entries()) expect(x).toBeCloseTo(solution[i], 5);
    expect([...state.point].map((x) => x === 0)).toEqual([...solution].map((x) => x === 0));
    expect(Math.hypot(...pseudoGradient(state.point, state.gradient, l1))).toBeLessThan(1e-3);
  });
});

describe("adamStep", () => {
  it("first moves by the learning rate on every scale, and sets a weight to 0 where the penalty is stronger", () => {
    const state = startAdam(Float64Array.of(1, 1, 1e-4));
    adamStep(state, Float64Array.of(1e-3, -1e3, 0), 0.01, 0.1);
    expect(state.point[0]).toBeCloseTo(1 - 0.01 - 0.001, 4);
    expect(state.point[1]).toBeCloseTo(1 + 0.01 - 0.001, 6);
    expect(state.point[2]).toBe(0);
  });
});
