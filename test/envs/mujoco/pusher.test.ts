/** @file Pusher-v5: starts, and terms of the reward. Reference values are in mujoco.spatial.test.ts. */

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pusher } from "../../../envs/mujoco/pusher.js";
import type { Environment } from "../../../src/env/contracts.js";

describe("Pusher-v5", () => {
  let environment: Environment;
  beforeEach(async () => {
    environment = await pusher();
  });
  afterEach(() => environment.close!());

  it("starts with the arm straight, and the object away from the goal, to its left", () => {
    environment.reset({ seed: 1 });
    const offsets = Array.from({ length: 500 }, () => {
      const start = environment.reset().observation as Float32Array;
      expect(Array.from(start.slice(0, 7))).toEqual(new Array(7).fill(0));
      for (const velocity of start.slice(7, 14)) expect(Math.abs(velocity)).toBeLessThan(0.005);
      const [x, y] = [17, 18].map((k) => start[k] - start[k + 3]);
      expect(Math.hypot(x, y)).toBeGreaterThan(0.17 - 1e-6);
      return [x, y];
    });
    const span = (k: number) => [
      Math.min(...offsets.map((o) => o[k])),
      Math.max(...offsets.map((o) => o[k])),
    ];
    const expected = [
      [-0.2, 0.2],
      [-0.3, 0],
    ];
    // x within ±0.2 m, y between −0.3 m and 0 of the goal.
    for (const k of [0, 1]) {
      for (const side of [0, 1]) expect(Math.abs(span(k)[side] - expected[k][side])).toBeLessThan(0.02);
    }
  });

  it("charges for both distances and for the action", () => {
    environment.reset({ seed: 2 });
    const action = Float32Array.of(1, -1, 0.5, 0, 2, 0, -0.25);
    const { observation, reward, info } = environment.step(action);
    const at = (from: number) => Array.from((observation as Float32Array).slice(from, from + 3));
    const [tip, object, goal] = [14, 17, 20].map(at);
    const distance = (a: number[], b: number[]) => Math.hypot(...a.map((x, k) => x - b[k]));
    expect(info.rewardDist).toBeCloseTo(-distance(object, goal), 6);
    expect(info.rewardNear).toBeCloseTo(-0.5 * distance(object, tip), 6);
    expect(info.rewardCtrl).toBeCloseTo(-0.1 * 6.3125, 12);
    expect(reward).toBeCloseTo(
      (info.rewardDist as number) + (info.rewardNear as number) + (info.rewardCtrl as number),
      12,
    );
  });
});
