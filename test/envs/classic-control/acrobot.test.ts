/**
 * @file Acrobot-v1: conservation of energy, limits, noise and starts; motion is tested in
 * classic-control.reference.test.ts.
 */

import { describe, expect, it } from "vitest";
import { acrobot } from "../../../envs/classic-control/acrobot.js";
import { makeVector } from "../../../envs/index.js";

const from = (state: number[], options: Parameters<typeof acrobot>[0] = {}) => {
  const environment = acrobot(options);
  environment.reset({ options: { state } });
  return environment;
};

/** J: of two rods of 1 kg, 1 m and 1 kg·m² about their centres, from the observation. */
function energy(observation: ArrayLike<number>): number {
  const [cos1, sin1, cos2, sin2, w1, w2] = Array.from(observation);
  const cos12 = cos1 * cos2 - sin1 * sin2;
  // Squared speeds of the two centres of mass, and the turning of the rods about them.
  const v1 = (0.5 * w1) ** 2;
  const v2 = w1 ** 2 + (0.5 * (w1 + w2)) ** 2 + w1 * (w1 + w2) * cos2;
  const turning = w1 ** 2 + (w1 + w2) ** 2;
  return 0.5 * (v1 + v2 + turning) - 9.8 * (0.5 * cos1 + cos1 + 0.5 * cos12);
}

describe("Acrobot-v1", () => {
  it.each([
    [[0.3, -0.2, 0.1, 0.2]],
    [[-0.1, 0.3, -0.3, 0.1]],
  ])("keeps its energy from %j on without torque, by the book's equations", (state) => {
    const environment = acrobot();
    const before = energy(environment.reset({ options: { state } }).observation as Float32Array);
    for (let step = 0; step < 20; step++) {
      const after = energy(environment.step(1).observation as Float32Array);
      expect(Math.abs(after - before)).toBeLessThan(0.01);
    }
  });

  it("does not keep it by the paper's equations, which lack a term", () => {
    const energies = (["book", "nips"] as const).map((dynamics) => {
      const environment = from([0, 1.2, 2, -1], { dynamics });
      return Array.from({ length: 5 }, () => energy(environment.step(1).observation as Float32Array));
    });
    const [book, nips] = energies.map((values) => Math.max(...values) - Math.min(...values));
    expect(book).toBeLessThan(0.01);
    expect(nips).toBeGreaterThan(0.2);
  });

  it("has reward −1 per step and 0 for the last step, above one link's length", () => {
    // Straight up but for a little: sinking through the bar's height, then above it.
    expect(from([Math.PI, 0, 0, 0]).step(1)).toMatchObject({ reward: 0, terminated: true, truncated: false });
    expect(from([0, 0, 0, 0]).step(1)).toMatchObject({ reward: -1, terminated: false });
    const [upper, level] = [Math.PI / 2, Math.PI / 2];
    // The upper link level and the lower one upright: the free end is at the bar's height, and falls.
    expect(from([upper, level, 0, 0]).step(1).terminated).toBe(false);
  });

  it("keeps its angular velocities within 4π and 9π", () => {
    for (const way of [1, -1]) {
      const { observation } = from([0, 0, way * 12.5, way * 28]).step(1 + way);
      const [, , , , w1, w2] = observation as Float32Array;
      expect(Math.abs(w1)).toBeLessThanOrEqual(Math.fround(4 * Math.PI));
      expect(Math.abs(w2)).toBeLessThanOrEqual(Math.fround(9 * Math.PI));
    }
    const { observation } = from([0, 0, 1000, 0]).step(1);
    expect(Math.abs((observation as Float32Array)[4])).toBe(Math.fround(4 * Math.PI));
  });

  it("adds a torque of at most the noise option, drawn anew at each step", () => {
    const start = [0.1, 0, 0, 0];
    const speed = (environment: ReturnType<typeof acrobot>, action: number) => {
      environment.reset({ options: { state: start } });
      return (environment.step(action).observation as Float32Array)[5];
    };
    const [low, middle, high] = [0, 1, 2].map((action) => speed(acrobot(), action));
    const noisy = acrobot({ torqueNoise: 1 });
    noisy.reset({ seed: 1 });
    const speeds = Array.from({ length: 300 }, () => speed(noisy, 1));
    expect(Math.min(...speeds)).toBeGreaterThanOrEqual(low);
    expect(Math.min(...speeds)).toBeLessThan(low + 0.05 * (middle - low));
    expect(Math.max(...speeds)).toBeLessThanOrEqual(high);
    expect(Math.max(...speeds)).toBeGreaterThan(high - 0.05 * (high - middle));
  });

  it("starts within ±0.1 in every number, or between given bounds", async () => {
    const vector = await makeVector("Acrobot-v1", 1000);
    for (const [options, low, high] of [
      [{}, -0.1, 0.1],
      [{ low: 0.5, high: 0.6 }, 0.5, 0.6],
    ] as const) {
      vector.reset({ seed: 1, options });
      const speeds = vector.observations.filter((_, i) => i % 6 > 3);
      const angles = vector.observations.filter((_, i) => i % 6 === 3).map(Math.asin);
      for (const values of [speeds, angles]) {
        expect(Math.min(...values)).toBeGreaterThanOrEqual(low - 1e-6);
        expect(Math.max(...values)).toBeLessThanOrEqual(high + 1e-6);
        expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(0.98 * (high - low));
      }
    }
  });

  it("is truncated after 500 steps, and renders its links", () => {
    const environment = from([0, 0, 0, 0]);
    expect(environment.render!()).toBe("↓↓ free end at height -2 m, goal above 1 m");
    expect(environment.renderSvg!()).toMatch(/^<svg[\s\S]*x2="170" y2="310"[\s\S]*<\/svg>$/);
    const ends = Array.from({ length: 500 }, () => environment.step(1));
    expect(ends.findIndex(({ truncated }) => truncated)).toBe(499);
  });

  it("refuses unknown equations", () => {
    expect(() => acrobot({ dynamics: "thesis" as "nips" })).toThrow(
      /Acrobot-v1: option "dynamics" is "thesis"/,
    );
    expect(() => acrobot({ torqueNoise: -1 })).toThrow(/"torqueNoise" is -1/);
  });
});
