/** @file Pendulum-v1 against the pendulum's equations and against transitions of Gymnasium 1.3's Pendulum-v1. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeVector, pendulum } from "../../../envs/index.js";

const from = (state: number[]) => {
  const environment = pendulum();
  environment.reset({ options: { state } });
  return environment;
};

describe("Pendulum-v1", () => {
  it("swings as a uniform rod, with costs of angle, speed and torque", () => {
    const number = (limit: number) => fc.double({ min: -limit, max: limit, noNaN: true });
    fc.assert(
      fc.property(number(20), number(8), number(3), (angle, speed, action) => {
        const torque = Math.max(-2, Math.min(2, action));
        // Torque about the pivot over the inertia m l² / 3 of a rod; gravity acts at l / 2.
        const acceleration = (10 * 0.5 * Math.sin(angle) + torque) / (1 / 3);
        const newSpeed = Math.max(-8, Math.min(8, speed + 0.05 * acceleration));
        const newAngle = angle + 0.05 * newSpeed;
        const { observation, reward, terminated } = from([angle, speed]).step([action]);
        const [cos, sin, velocity] = observation as Float32Array;
        expect(cos).toBeCloseTo(Math.cos(newAngle), 5);
        expect(sin).toBeCloseTo(Math.sin(newAngle), 5);
        expect(velocity).toBeCloseTo(newSpeed, 5);
        // The angle's distance from upright, the short way round.
        const off = Math.acos(Math.cos(angle));
        expect(reward).toBeCloseTo(-(off ** 2 + 0.1 * speed ** 2 + 0.001 * torque ** 2), 5);
        expect(terminated).toBe(false);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it.each([
    [
      [8.655, 2.9687],
      0.902999997138977,
      [-0.8317902088165283, 0.5550901889801025, 3.626131772994995],
      -6.5076383151398245,
    ],
    [
      [3.392, -1.7773],
      -2.188999891281128,
      [-0.9905959963798523, -0.13681939244270325, -2.2631490230560303],
      -8.678832009641111,
    ],
    [
      [3.9868, 0.4057],
      -1.1390000581741333,
      [-0.6756901741027832, -0.7371857166290283, -0.32623153924942017],
      -5.2911420492008485,
    ],
    [
      [-0.255, 6.2318],
      2.6040000915527344,
      [0.998070478439331, 0.062090832740068436, 6.342616081237793],
      -3.952558124189989,
    ],
    [
      [-2.5597, 1.1445],
      -1.069000005722046,
      [-0.8193672299385071, -0.5732689499855042, 0.5719454288482666],
      -6.684194876087975,
    ],
    [
      [1.6974, -2.5934],
      -0.6499999761581421,
      [-0.02925436571240425, 0.9995719790458679, -1.9469026327133179],
      -3.5541616159865983,
    ],
  ])("steps from %j under %d N·m as Gymnasium does", (state, torque, observation, reward) => {
    const step = from(state).step([torque]);
    expect([...(step.observation as Float32Array)]).toEqual(observation);
    expect(Math.fround(step.reward)).toBe(Math.fround(reward));
  });

  it("is truncated, not terminated, after 200 steps", () => {
    const environment = pendulum();
    environment.reset();
    const ends = Array.from({ length: 200 }, () => environment.step([0]));
    expect(ends.filter(({ terminated }) => terminated)).toEqual([]);
    expect(ends.findIndex(({ truncated }) => truncated)).toBe(199);
  });

  it("starts at any angle, at up to 1 rad/s", async () => {
    const vector = await makeVector("Pendulum-v1", 2000);
    const rows = Array.from({ length: 2000 }, (_, i) => vector.observations.subarray(3 * i, 3 * i + 3));
    for (const [i, lowest, highest] of [
      [0, -1, 1],
      [1, -1, 1],
      [2, -1, 1],
    ]) {
      const values = rows.map((row) => row[i]);
      expect(Math.min(...values)).toBeLessThan(lowest + 0.01);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(lowest);
      expect(Math.max(...values)).toBeGreaterThan(highest - 0.01);
      expect(Math.max(...values)).toBeLessThanOrEqual(highest);
    }
  });

  it("accepts a torque as a number or as an array of one, and refuses NaN", () => {
    expect(from([1, 0]).step(1.5)).toEqual(from([1, 0]).step([1.5]));
    expect(() => from([1, 0]).step([Number.NaN])).toThrow(/Pendulum-v1: NaN/);
    expect(() => from([1, 0]).step([1, 2])).toThrow(/Pendulum-v1: the action must have 1 numbers, not 2/);
  });

  it("starts within plus and minus a given angle and speed", async () => {
    const vector = await makeVector("Pendulum-v1", 500);
    vector.reset({ seed: 1, options: { x_init: 0.1, y_init: 0.5 } });
    const sines = vector.observations.filter((_, i) => i % 3 === 1);
    const speeds = vector.observations.filter((_, i) => i % 3 === 2);
    for (const [values, limit] of [
      [sines, Math.sin(0.1)],
      [speeds, 0.5],
    ] as const) {
      expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(Math.fround(limit));
      expect(Math.min(...values)).toBeLessThan(-0.97 * limit);
      expect(Math.max(...values)).toBeGreaterThan(0.97 * limit);
    }
    expect(() => pendulum().reset({ options: { x_init: "far" } })).toThrow(
      'Pendulum-v1: reset option "x_init" must be a finite number, not far',
    );
  });

  it("falls at the given gravity", () => {
    const environment = pendulum({ gravity: 0 });
    environment.reset({ options: { state: [1, 0.5] } });
    expect((environment.step([0]).observation as Float32Array)[2]).toBe(0.5);
  });

  it("renders the rod, and an arrow for the torque", () => {
    const environment = from([Math.PI / 2, 0]);
    expect(environment.render!()).toBe("← angle 90°, angular velocity 0 rad/s");
    expect(environment.renderSvg!()).toMatch(/^<svg[\s\S]*x2="40" y2="150"[\s\S]*<\/svg>$/);
    expect(environment.renderSvg!()).not.toContain("<path");
    environment.step([2]);
    expect(environment.renderSvg!()).toContain("<path");
  });
});
