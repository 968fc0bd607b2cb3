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
    const other = Float64Array.from({ length: 20 }, (_, i) => 0.1 * (-1) ** i);
    const elsewhere = await startQuasiNewton(other, smooth, l1);
    expect(elsewhere.objective).toBeCloseTo((await smooth(other)).value + 2 * l1, 9);
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

it("quasi-Newton steps at the minimum end, without the estimate of the curvature first", async () => {
  const state = await startQuasiNewton(optimum.slice(), smooth, 0);
  state.steps.push(new Float64Array(20).fill(1));
  state.changes.push(curvature.slice());
  await quasiNewtonStep(state, smooth, 0);
  expect(state).toMatchObject({ settled: false, steps: [], changes: [] });
  await quasiNewtonStep(state, smooth, 0);
  expect(state).toMatchObject({ settled: true, point: optimum });
});

describe("adamStep", () => {
  it("first moves by the learning rate on every scale, and sets a weight to 0 where the penalty is stronger", () => {
    const state = startAdam(Float64Array.of(1, 1, 1e-4));
    adamStep(state, Float64Array.of(1e-3, -1e3, 0), 0.01, 0.1);
    expect(state.point[0]).toBeCloseTo(1 - 0.01 - 0.001, 4);
    expect(state.point[1]).toBeCloseTo(1 + 0.01 - 0.001, 6);
    expect(state.point[2]).toBe(0);
  });

  it("follows the corrected means of the gradient and of its square", () => {
    const state = startAdam(Float64Array.of(0));
    adamStep(state, Float64Array.of(2), 0.1);
    expect(state.point[0]).toBeCloseTo(-0.1, 7);
    adamStep(state, Float64Array.of(-1), 0.1);
    const [mean, square] = [(0.9 * 0.2 - 0.1) / (1 - 0.81), (0.999 * 0.004 + 0.001) / (1 - 0.999 ** 2)];
    expect(state.point[0]).toBeCloseTo(-0.1 - (0.1 * mean) / Math.sqrt(square), 6);
    expect(state.steps).toBe(2);
  });

  it("shrinks weights of both signs by the penalty, and no further than 0", () => {
    const state = startAdam(Float64Array.of(2, -2, 0.05, -0.05));
    adamStep(state, new Float64Array(4), 0.1, 3);
    for (const [i, x] of [1.7, -1.7, 0, 0].entries()) expect(state.point[i]).toBeCloseTo(x, 12);
  });
});

describe("the subgradient", () => {
  it("adds the penalty's slope to weights that are not 0, and weighs the two at 0", () => {
    const point = Float64Array.of(1, -1, 0, 0, 0);
    const found = pseudoGradient(point, Float64Array.of(0.3, 0.3, 0.3, 2, -2), 0.5);
    for (const [i, x] of [0.8, -0.2, 0, 1.5, -1.5].entries()) expect(found[i]).toBeCloseTo(x, 12);
  });
});

describe("a quasi-Newton step", () => {
  it("first has length 1, and then the length of Newton's step of a quadratic", async () => {
    const state = await startQuasiNewton(
      Float64Array.of(9),
      async ([x]) => ({ value: 2 * x * x, gradient: Float64Array.of(4 * x) }),
      0,
    );
    expect([state.objective, state.gradient[0]]).toEqual([162, 36]);
    const step = () =>
      quasiNewtonStep(state, async ([x]) => ({ value: 2 * x * x, gradient: Float64Array.of(4 * x) }), 0);
    await step();
    expect(state.point[0]).toBeCloseTo(8, 12);
    await step();
    expect(state.point[0]).toBeCloseTo(0, 12);
    expect(state.objective).toBeCloseTo(0, 12);
  });

  it("that overshoots is halved until it decreases the objective, and forgets old curvature", async () => {
    // The curvature grows from 1 to 100 at 0.
    const steep = async ([x]: Float64Array) => ({
      value: x > 0 ? x * x * 0.5 : 50 * x * x,
      gradient: Float64Array.of(x > 0 ? x : 100 * x),
    });
    const state = await startQuasiNewton(Float64Array.of(0.25), steep, 0);
    await quasiNewtonStep(state, steep, 0);
    // Steps of 1, ½ and ¼ from 0.25: the first two end higher.
    expect(state.point[0]).toBeCloseTo(0, 12);
    const many = await startQuasiNewton(new Float64Array(20), smooth, 0);
    for (let i = 0; i < 20; i++) await quasiNewtonStep(many, smooth, 0);
    expect([many.steps.length, many.changes.length]).toEqual([12, 12]);
  });

  it("may be as short as 2⁻²⁹ of the first", async () => {
    const narrow =
      (least: number) =>
      async ([x]: Float64Array) => ({
        value: x < 0 && -x <= least ? x : Number(x !== 0),
        gradient: Float64Array.of(1),
      });
    for (const [least, reached] of [
      [2 ** -29, -(2 ** -29)],
      [2 ** -30, 0],
    ]) {
      const state = await startQuasiNewton(Float64Array.of(0), narrow(least), 0);
      await quasiNewtonStep(state, narrow(least), 0);
      expect([state.point[0], state.settled]).toEqual([reached, reached === 0]);
    }
  });

  it("does not learn from curvature at the level of rounding", async () => {
    for (const [curvature, kept] of [
      [0.9e-9, 0],
      [1.1e-9, 1],
    ]) {
      // The step is (−1, 0), and the gradient changes by 1000 across it, and along it hardly.
      const bent = async ([x]: Float64Array) => ({
        value: x,
        gradient: x < 0 ? Float64Array.of(1 - curvature, 1000) : Float64Array.of(1, 0),
      });
      const state = await startQuasiNewton(new Float64Array(2), bent, 0);
      await quasiNewtonStep(state, bent, 0);
      expect([...state.point]).toEqual([-1, 0]);
      expect([state.steps.length, state.changes.length]).toEqual([kept, kept]);
    }
  });

  it("crosses 0 without a penalty, and stops there with one", async () => {
    const bowl = async ([x]: Float64Array) => ({ value: (x + 1) ** 2 / 2, gradient: Float64Array.of(x + 1) });
    for (const [l1, reached] of [
      [0, -0.5],
      [0.1, 0],
    ]) {
      const state = await startQuasiNewton(Float64Array.of(0.5), bowl, l1);
      await quasiNewtonStep(state, bowl, l1);
      expect(state.point[0]).toBeCloseTo(reached, 12);
    }
  });

  it("has the length of the latest curvature where none is known", async () => {
    const tried: number[][] = [];
    const plane = async (x: Float64Array) => {
      tried.push([...x]);
      return { value: 8 * x[1], gradient: Float64Array.of(0, 8) };
    };
    const state = await startQuasiNewton(new Float64Array(2), plane, 0);
    // Along the first axis the gradient changed by 4 over a step of 1: sᵀy / yᵀy is ¼.
    Object.assign(state, { steps: [Float64Array.of(1, 0)], changes: [Float64Array.of(4, 0)] });
    await quasiNewtonStep(state, plane, 0);
    expect(tried[1].map((x) => x + 0)).toEqual([0, -2]);
  });

  it("ends at the minimum itself", async () => {
    const bowl = async ([x]: Float64Array) => ({ value: x * x, gradient: Float64Array.of(2 * x) });
    const state = await startQuasiNewton(Float64Array.of(0), bowl, 0);
    await quasiNewtonStep(state, bowl, 0);
    expect(state.settled).toBe(true);
  });

  it("ends at a point from which no step goes down", async () => {
    const flat = async () => ({ value: 1, gradient: Float64Array.of(1) });
    const state = await startQuasiNewton(Float64Array.of(3), flat, 0);
    await quasiNewtonStep(state, flat, 0);
    expect([state.settled, state.point[0]]).toEqual([true, 3]);
    // With curvature in memory, that is dropped first.
    Object.assign(state, { settled: false, steps: [Float64Array.of(1)], changes: [Float64Array.of(1)] });
    await quasiNewtonStep(state, flat, 0);
    expect([state.settled, state.steps, state.changes]).toEqual([false, [], []]);
    await quasiNewtonStep(state, flat, 0);
    expect(state.settled).toBe(true);
  });
});
