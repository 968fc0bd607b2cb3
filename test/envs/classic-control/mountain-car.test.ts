/**
 * @file MountainCar-v0 and MountainCarContinuous-v0: limits, walls, flags and starts; motion is tested in
 * classic-control.reference.test.ts.
 */

import { describe, expect, it } from "vitest";
import { mountainCar, mountainCarContinuous } from "../../../envs/classic-control/mountain-car.js";
import { makeVector } from "../../../envs/index.js";
import type { Environment } from "../../../src/env/contracts.js";

const from = (environment: Environment, state: number[]) => {
  environment.reset({ options: { state } });
  return environment;
};

describe.each([
  ["MountainCar-v0", mountainCar, 2, 0.5, 200],
  ["MountainCarContinuous-v0", mountainCarContinuous, 1, 0.45, 999],
] as const)("%s", (id, make, right, goal, limit) => {
  it("stops at the left wall and at the right end, and is limited to its top speed", () => {
    const atWall = from(make({ goalVelocity: 1 }), [-1.19, -0.06]).step(0);
    expect([...(atWall.observation as Float32Array)]).toEqual([Math.fround(-1.2), 0]);
    const atEnd = from(make({ goalVelocity: 1 }), [0.59, 0.07]).step(right);
    expect((atEnd.observation as Float32Array)[0]).toBe(Math.fround(0.6));
    expect((atEnd.observation as Float32Array)[1]).toBeGreaterThan(0.06);
    const fast = from(make(), [-0.9, 0.0699]).step(right);
    expect((fast.observation as Float32Array)[1]).toBe(Math.fround(0.07));
  });

  it("terminates at the flag, and only at the required speed", () => {
    const before = goal - 0.01;
    expect(from(make(), [before, 0.02]).step(right)).toMatchObject({ terminated: true, truncated: false });
    expect(from(make(), [before, 0.005]).step(right).terminated).toBe(false);
    expect(from(make({ goalVelocity: 0.04 }), [before, 0.02]).step(right).terminated).toBe(false);
    expect(from(make({ goalVelocity: 0.04 }), [before, 0.05]).step(right).terminated).toBe(true);
  });

  it(`is truncated after ${limit} steps`, () => {
    const environment = make();
    environment.reset({ seed: 1 });
    const ends = Array.from({ length: limit }, () => environment.step(id === "MountainCar-v0" ? 1 : 0));
    expect(ends.findIndex(({ truncated }) => truncated)).toBe(limit - 1);
    expect(ends.some(({ terminated }) => terminated)).toBe(false);
  });

  it("starts at rest between −0.6 and −0.4, or between given bounds", async () => {
    const vector = await makeVector(id, 1000);
    for (const [options, low, high] of [
      [{}, -0.6, -0.4],
      [{ low: -1, high: 0.2 }, -1, 0.2],
      [{ high: 0.4 }, -0.6, 0.4],
    ] as const) {
      vector.reset({ seed: 1, options });
      const positions = vector.observations.filter((_, i) => i % 2 === 0);
      expect(Math.min(...positions)).toBeGreaterThanOrEqual(Math.fround(low));
      expect(Math.min(...positions)).toBeLessThan(low + 0.01);
      expect(Math.max(...positions)).toBeLessThanOrEqual(Math.fround(high));
      expect(Math.max(...positions)).toBeGreaterThan(high - 0.01);
      expect(vector.observations.filter((_, i) => i % 2 === 1).every((velocity) => velocity === 0)).toBe(
        true,
      );
    }
  });

  it("renders the hill, the flag and the car", () => {
    const environment = from(make(), [-0.5, 0.01]);
    const [above, hill, numbers] = environment.render!().split("\n");
    expect([above.length, hill.length, above.indexOf("▲"), above.indexOf("⚑") > 30]).toEqual([
      37,
      37,
      14,
      true,
    ]);
    expect(numbers).toBe("position -0.5, velocity 0.0100");
    expect(environment.renderSvg!()).toMatch(/^<svg[\s\S]*translate\(238\.78 [\s\S]*<\/svg>$/);
  });

  it.each([
    [{ low: 1, high: 0 }, /"low" is 1, above "high", which is 0/],
    [{ low: "left" }, /"low" must be a finite number, not left/],
    [{ state: [0] }, /must be 2 finite numbers \[position, velocity\]/],
    [{ hi: 0 }, /unknown reset option "hi"/],
  ])("refuses the reset options %j", (options, message) => {
    expect(() => make().reset({ options })).toThrow(message);
  });
});

it("has reward −1 per step with discrete actions, and charges for the unclipped throttle with continuous ones", () => {
  expect(from(mountainCar(), [0.49, 0.03]).step(0).reward).toBe(-1);
  expect(from(mountainCarContinuous(), [-0.5, 0]).step(-0.5).reward).toBe(-0.025);
  expect(from(mountainCarContinuous(), [-0.5, 0]).step(3).reward).toBeCloseTo(-0.9, 12);
  expect(from(mountainCarContinuous(), [0.44, 0.05]).step(1).reward).toBeCloseTo(99.9, 12);
  const [clipped, full] = [3, 1].map((action) => from(mountainCarContinuous(), [-0.5, 0]).step(action));
  const difference = (i: number) =>
    (clipped.observation as Float32Array)[i] - (full.observation as Float32Array)[i];
  expect(Math.abs(difference(1))).toBeLessThan(1e-9);
});
