/** @file Ant-v5: starts, terminations, and options. Reference values are in mujoco.spatial.test.ts. */

import { afterEach, describe, expect, it } from "vitest";
import { ant } from "../../../envs/mujoco/ant.js";
import type { Environment } from "../../../src/env/contracts.js";

let environment: Environment | undefined;
afterEach(() => environment?.close?.());
const open = async (options: Parameters<typeof ant>[0] = {}) => {
  environment?.close?.();
  environment = await ant(options);
  return environment;
};

const standing = (z: number, w = 1) => [0, 0, z, w, 0, 0, 0, 0, 1, 0, -1, 0, -1, 0, 1];
const still = new Float32Array(8);
const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

describe("Ant-v5", () => {
  it("starts with uniform positions and normal velocities", async () => {
    const environment = await open({ resetNoiseScale: 0.1, includeCfrcExtInObservation: false });
    environment.reset({ seed: 1 });
    const starts = Array.from({ length: 400 }, () => environment.reset().observation as Float32Array);
    // z, the quaternion and 8 joints; then 14 velocities.
    const initial = [0.75, 1, ...new Array<number>(11).fill(0)];
    const offsets = starts.flatMap((start) => initial.map((x, k) => start[k] - x));
    for (const offset of offsets) expect(Math.abs(offset)).toBeLessThan(0.1 + 1e-6);
    expect(mean(offsets.map((x) => x * x))).toBeCloseTo(0.1 ** 2 / 3, 4);
    const velocities = starts.flatMap((start) => Array.from(start.slice(13)));
    expect(mean(velocities.map((x) => x * x))).toBeCloseTo(0.01, 3);
    // Kurtosis 3: normal, not uniform.
    expect(mean(velocities.map((x) => x ** 4)) / 1e-4).toBeCloseTo(3, 0);
  });

  it("terminates when the torso leaves its height range, unless disabled", async () => {
    for (const [z, terminated] of [
      [0.75, false],
      [1.3, true],
    ] as const) {
      const environment = await open();
      environment.reset({ seed: 1, options: { qpos: standing(z), qvel: new Array(14).fill(0) } });
      const step = environment.step(still);
      expect(step.terminated).toBe(terminated);
      expect(step.info.rewardSurvive).toBe(terminated ? 0 : 1);
    }
    const lasting = await open({ terminateWhenUnhealthy: false });
    lasting.reset({ seed: 1, options: { qpos: standing(1.3), qvel: new Array(14).fill(0) } });
    expect(lasting.step(still)).toMatchObject({ terminated: false, info: { rewardSurvive: 0 } });
  });

  it("is healthy at both ends of its range", async () => {
    const environment = await open();
    environment.reset({ seed: 1, options: { qpos: standing(0.9), qvel: new Array(14).fill(0) } });
    environment.step(still);
    const { dynamics } = environment.getState!() as { dynamics: { physics: Float64Array } };
    const z = dynamics.physics[3];
    for (const [range, terminated] of [
      [[z, 1], false],
      [[0.2, z], false],
      [[z + 1e-12, 1], true],
    ] as const) {
      const other = await open({ healthyZRange: [...range] });
      other.reset({ seed: 1, options: { qpos: standing(0.9), qvel: new Array(14).fill(0) } });
      expect(other.step(still).terminated).toBe(terminated);
    }
  });

  it("rewards the chosen body, by name or index", async () => {
    const velocities: unknown[] = [];
    for (const mainBody of [1, "torso", 4, "aux_1"] as const) {
      const environment = await open({ mainBody });
      environment.reset({
        seed: 2,
        options: { qpos: standing(0.6), qvel: [0, 0, 0, 0, 0, 3, ...new Array(8).fill(0)] },
      });
      velocities.push(environment.step(new Float32Array(8).fill(1)).info.xVelocity);
    }
    expect(velocities[1]).toBe(velocities[0]);
    expect(new Set(velocities).size).toBe(3);
    await expect(ant({ mainBody: 40 })).rejects.toThrow(
      'option "mainBody" is 40, but the model has 14 bodies',
    );
    await expect(ant({ mainBody: "trunk" })).rejects.toThrow(/trunk/);
  });

  it("observes contact forces within their range, and charges for the observed ones", async () => {
    const environment = await open({
      contactForceRange: [-0.25, 0.5],
      contactCostWeight: 2,
      terminateWhenUnhealthy: false,
    });
    environment.reset({
      seed: 1,
      options: { qpos: standing(0.58), qvel: [0, 0, -0.5, ...new Array(11).fill(0)] },
    });
    let touched = 0;
    for (let k = 0; k < 10; k++) {
      const { observation, info } = environment.step(still);
      const forces = Array.from((observation as Float32Array).slice(27));
      expect(forces).toHaveLength(78);
      for (const force of forces) expect(force >= -0.25 && force <= 0.5).toBe(true);
      expect(info.rewardContact).toBeCloseTo(-2 * forces.reduce((sum, f) => sum + f * f, 0), 5);
      touched += forces.filter((f) => f !== 0).length;
    }
    expect(touched).toBeGreaterThan(10);
  });

  it("refuses invalid options", async () => {
    expect(() => ant({ healthyZRange: [1, 0.2] })).toThrow(/healthyZRange.*low < high/);
    expect(() => ant({ contactCostWeight: -1 })).toThrow(/contactCostWeight/);
    expect(() => ant({ mainBodies: 1 } as object)).toThrow('did you mean "mainBody"');
  });
});
