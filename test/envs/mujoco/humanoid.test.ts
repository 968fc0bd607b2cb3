/**
 * @file Humanoid-v5 and HumanoidStandup-v5: observations by options, tendons, limits. Reference values are in
 * mujoco.spatial.test.ts.
 */

import { afterEach, describe, expect, it } from "vitest";
import { humanoid } from "../../../envs/mujoco/humanoid.js";
import { humanoidStandup } from "../../../envs/mujoco/humanoid-standup.js";
import type { Environment } from "../../../src/env/contracts.js";
import { spaceWidth } from "../../../src/spaces/index.js";

const opened: Environment[] = [];
afterEach(() => {
  for (const environment of opened.splice(0)) environment.close!();
});
async function open(environment: Promise<Environment>): Promise<Environment> {
  opened.push(await environment);
  return opened.at(-1)!;
}

const still = new Float32Array(17);
const upright = (z: number) => [0, 0, z, 1, ...new Array<number>(20).fill(0)];

const PARTS = {
  includeCinertInObservation: 130,
  includeCvelInObservation: 78,
  includeQfrcActuatorInObservation: 17,
  includeCfrcExtInObservation: 78,
};

describe.each([
  ["Humanoid-v5", humanoid],
  ["HumanoidStandup-v5", humanoidStandup],
])("%s", (_, make) => {
  it("observes 22 positions, 23 velocities, and the optional parts", async () => {
    for (const [option, width] of Object.entries(PARTS)) {
      const without = await open(make({ [option]: false }));
      expect(spaceWidth(without.observationSpace)).toBe(348 - width);
    }
    const bare = Object.fromEntries(Object.keys(PARTS).map((option) => [option, false]));
    const environment = await open(make({ ...bare, excludeCurrentPositionsFromObservation: false }));
    const { observation, info } = environment.reset({ seed: 1 });
    expect(observation).toHaveLength(47);
    expect((observation as Float32Array)[0]).toBeCloseTo(info.xPosition as number, 6);
  });

  it("starts with noise around its model's posture", async () => {
    const environment = await open(make({ resetNoiseScale: 0.02, includeCinertInObservation: false }));
    const height = make === humanoid ? 1.4 : 0.105;
    environment.reset({ seed: 1 });
    let largest = 0;
    for (let k = 0; k < 40; k++) {
      const start = Array.from((environment.reset().observation as Float32Array).slice(0, 45));
      start[0] -= height;
      start[1] -= 1;
      largest = Math.max(largest, ...start.map(Math.abs));
    }
    expect(largest).toBeGreaterThan(0.0198);
    expect(largest).toBeLessThan(0.02 + 1e-6);
  });

  it("reports tendon lengths: the knee's angle minus the hip's", async () => {
    const environment = await open(make());
    const qpos = upright(1.4);
    // Right and left hip_y and knee, after the 7 numbers of the root and 3 of the abdomen.
    [qpos[12], qpos[13], qpos[16], qpos[17]] = [0.1, -0.5, -0.2, -1];
    const { info } = environment.reset({ seed: 1, options: { qpos, qvel: new Array(23).fill(0) } });
    const [left, right] = info.tendonLength as number[];
    expect(left).toBeCloseTo(-0.8, 12);
    expect(right).toBeCloseTo(-0.6, 12);
    expect(info.tendonVelocity).toEqual([0, 0]);
  });
});

describe("Humanoid-v5", () => {
  it("terminates below 1 m and above 2 m", async () => {
    const environment = await open(humanoid());
    const lying = [0, 0, 0.9, Math.SQRT1_2, 0, Math.SQRT1_2, 0, ...new Array<number>(17).fill(0)];
    for (const [qpos, terminated] of [
      [lying, true],
      [upright(1.4), false],
      [upright(2.01), true],
    ] as const) {
      environment.reset({ seed: 1, options: { qpos, qvel: new Array(23).fill(0) } });
      expect(environment.step(still).terminated).toBe(terminated);
    }
  });

  it("clips the contact cost to its range, also from below", async () => {
    const environment = await open(humanoid({ contactCostRange: [0.5, 0.75] }));
    environment.reset({ seed: 1, options: { qpos: upright(1.5), qvel: new Array(23).fill(0) } });
    expect(environment.step(still).info.rewardContact).toBe(-0.5);
    const costly = await open(
      humanoid({ contactCostRange: [0.5, 0.75], contactCostWeight: 1, terminateWhenUnhealthy: false }),
    );
    costly.reset({ seed: 1, options: { qpos: upright(1.2), qvel: new Array(23).fill(0) } });
    expect(costly.step(still).info.rewardContact).toBe(-0.75);
  });
});

describe("HumanoidStandup-v5", () => {
  it("rewards height by its weight, and never terminates", async () => {
    for (const uphCostWeight of [1, 0.5]) {
      const environment = await open(humanoidStandup({ uphCostWeight, maxEpisodeSteps: 30 }));
      environment.reset({ seed: 3 });
      for (let k = 1; k <= 30; k++) {
        const { info, terminated, truncated } = environment.step(still);
        const z = (info.zDistanceFromOrigin as number) + 0.105;
        expect(info.rewardLinup).toBeCloseTo((uphCostWeight * z) / 0.003, 9);
        expect([terminated, truncated]).toEqual([false, k === 30]);
      }
    }
  });
});
