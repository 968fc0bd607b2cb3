/** @file The start velocities of the MuJoCo environments: uniform or normal, as in Gymnasium. */

import { describe, expect, it } from "vitest";
import { make } from "../../../envs/index.js";

/** Each with the entries of an observation that are velocities, and the noise's scale (m/s, rad/s). */
const robots: [id: string, law: "normal" | "uniform", from: number, to: number, scale: number][] = [
  ["HalfCheetah-v5", "normal", 8, 17, 0.1],
  ["Ant-v5", "normal", 13, 27, 0.1],
  ["InvertedDoublePendulum-v5", "normal", 5, 8, 0.1],
  ["InvertedPendulum-v5", "uniform", 2, 4, 0.01],
  ["Swimmer-v5", "uniform", 3, 8, 0.1],
  ["Hopper-v5", "uniform", 5, 11, 5e-3],
  ["Walker2d-v5", "uniform", 8, 17, 5e-3],
];

describe("the start velocities", () => {
  it.each(robots)("of %s are %s", async (id, law, from, to, scale) => {
    const environment = await make(id);
    const drawn: number[] = [];
    for (let seed = 0; seed * (to - from) < 300; seed++) {
      const { observation } = environment.reset({ seed });
      drawn.push(...Array.from(observation as Float32Array).slice(from, to));
    }
    environment.close?.();
    const deviation = Math.sqrt(drawn.reduce((sum, v) => sum + v * v, 0) / drawn.length) / scale;
    const largest = Math.max(...drawn.map(Math.abs)) / scale;
    // Of 300 normal numbers one is above 2; uniform ones on ±1 have the deviation 1 / √3.
    expect(deviation).toBeGreaterThan(law === "normal" ? 0.85 : 0.5);
    expect(deviation).toBeLessThan(law === "normal" ? 1.15 : 0.65);
    if (law === "normal") expect(largest).toBeGreaterThan(2);
    else expect(largest).toBeLessThanOrEqual(1 + 1e-6);
  });
});
