/** @file Shared by the MuJoCo environments: options, start states, errors, user-defined models, memory. */

import { describe, expect, it } from "vitest";
import { checkEnv, make, makeVector } from "../../../envs/index.js";
import { type MujocoEnvironment, mujocoEnvironment, type Rules } from "../../../envs/mujoco/environment.js";
import { hopperModel } from "../../../envs/mujoco/models/hopper.js";
import { invertedPendulumModel } from "../../../envs/mujoco/models/inverted-pendulum.js";
import { positions, velocities } from "../../../envs/mujoco/observation-parts.js";
import { loadPhysics } from "../../../envs/mujoco/physics/load.js";
import type { Environment, StepResult } from "../../../src/env/contracts.js";
import { createRng } from "../../../src/random/rng.js";
import { sample } from "../../../src/spaces/index.js";
import type { Action } from "../../../src/spaces/values.js";

const IDS = [
  "InvertedPendulum-v5",
  "InvertedDoublePendulum-v5",
  "Reacher-v5",
  "Swimmer-v5",
  "Hopper-v5",
  "HalfCheetah-v5",
  "Walker2d-v5",
];

function play(environment: Environment, steps: number): StepResult[] {
  const rng = createRng("actions");
  return Array.from({ length: steps }, () =>
    environment.step(sample(environment.actionSpace, rng) as Action),
  );
}

/** Bytes of the engine's memory, which grows and never shrinks. */
async function engineMemory(): Promise<number> {
  const model = (await loadPhysics()).compile("<mujoco/>");
  const { byteLength } = model.array("body_pos").buffer;
  model.free();
  return byteLength;
}

describe.each(IDS)("%s", (id) => {
  it("passes checkEnv", async () => {
    expect(await checkEnv(id)).toEqual([]);
  });

  it("has as reward the sum of the rewards and penalties in info", async () => {
    const environment = await make(id);
    environment.reset({ seed: 1 });
    for (const { reward, info } of play(environment, 4)) {
      const parts = Object.entries(info).filter(([name]) => /^reward|Penalty$/.test(name));
      expect(parts.length).toBeGreaterThan(0);
      expect(reward).toBeCloseTo(
        parts.reduce((sum, [, part]) => sum + (part as number), 0),
        12,
      );
    }
    environment.close!();
  });
});

describe("MuJoCo environments", () => {
  it("start within the reset noise, and differ", async () => {
    const resetNoiseScale = 0.3;
    const hopper = await make("Hopper-v5", {
      resetNoiseScale,
      excludeCurrentPositionsFromObservation: false,
    });
    const starts = Array.from(
      { length: 200 },
      (_, seed) => hopper.reset({ seed }).observation as Float32Array,
    );
    const upright = [0, 1.25, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    for (const [k, rest] of upright.entries()) {
      const offsets = starts.map((start) => start[k] - rest);
      expect(Math.max(...offsets.map(Math.abs))).toBeLessThanOrEqual(resetNoiseScale + 1e-6);
      // Of a uniform draw: mean 0 and variance a² / 3, here within five standard errors.
      const mean = offsets.reduce((a, b) => a + b) / 200;
      const variance = offsets.reduce((a, b) => a + b * b, 0) / 200;
      expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(resetNoiseScale ** 2 / 3 / 200));
      expect(Math.abs(variance / (resetNoiseScale ** 2 / 3) - 1)).toBeLessThan(5 * Math.sqrt(0.8 / 200));
    }
    hopper.close!();
  });

  it("put Reacher's target anywhere on a disc of 0.2 m", async () => {
    const reacher = await make("Reacher-v5");
    reacher.reset({ seed: 1 });
    let within = 0;
    for (let episode = 0; episode < 1000; episode++) {
      const { observation } = reacher.reset();
      const [x, y] = (observation as Float32Array).subarray(4, 6);
      expect(Math.hypot(x, y)).toBeLessThan(0.2);
      if (Math.hypot(x, y) < 0.1) within++;
    }
    // A quarter of the disc's area, within five standard errors.
    expect(Math.abs(within / 1000 - 0.25)).toBeLessThan(5 * Math.sqrt((0.25 * 0.75) / 1000));
    reacher.close!();
  });

  it("clip the controls, but charge for the unclipped action", async () => {
    const [one, other] = [await make("HalfCheetah-v5"), await make("HalfCheetah-v5")];
    one.reset({ seed: 1 });
    other.reset({ seed: 1 });
    const [full, beyond] = [one.step([1, 1, 1, 1, 1, 1]), other.step([5, 5, 5, 5, 5, 5])];
    expect(beyond.observation).toEqual(full.observation);
    expect(full.reward - beyond.reward).toBeCloseTo(0.1 * 6 * (25 - 1), 10);
    one.close!();
    other.close!();
  });

  it("name the invalid option, reset option or action", async () => {
    await expect(make("Hopper-v5", { healthyRewards: 1 })).rejects.toThrow(/did you mean "healthyReward"/);
    await expect(make("Hopper-v5", { frameSkip: 0 })).rejects.toThrow('option "frameSkip" is 0');
    await expect(make("Hopper-v5", { healthyZRange: [1, 0.5] })).rejects.toThrow(
      'Hopper-v5: option "healthyZRange" is an array: it must be [low, high] with low < high',
    );
    await expect(make("Hopper-v5", { healthyZRange: ["low", 2] })).rejects.toThrow(
      'option "healthyZRange.0" is "low": it must be a number or infinite',
    );
    await expect(make("Hopper-v5", { xml: "<mujoco><geom/></mujoco>" })).rejects.toThrow(
      /Hopper-v5: the model does not compile/,
    );
    await expect(make("Hopper-v5", { xml: "<mujoco/>" })).rejects.toThrow("has no actuator");
    const endless = hopperModel.replace('ctrlrange="-1 1"', "");
    await expect(make("Hopper-v5", { xml: endless })).rejects.toThrow(
      "actuator 0 of the model needs a control",
    );
    const hopper = await make("Hopper-v5");
    expect(() => hopper.reset({ options: { qpos: [1, 2] } })).toThrow(
      'Hopper-v5: reset option "qpos" must be 6 finite numbers, not [1,2]',
    );
    expect(() => hopper.reset({ options: { qvel: [0, 0, 0, 0, 0, Number.NaN] } })).toThrow("finite");
    expect(() => hopper.reset({ options: { state: [] } })).toThrow('unknown reset option "state"');
    hopper.reset();
    expect(() => hopper.step([1, 1])).toThrow("the action must have 3 numbers, not 2");
    expect(() => hopper.step([0, Number.NaN, 0])).toThrow("NaN (entry 1) is not an action");
    hopper.close!();
    expect(() => hopper.reset()).toThrow("Hopper-v5: the environment is closed; make a new one");
    hopper.close!();
  });

  it("accept a user-defined model, with spaces from its controls and coordinates", async () => {
    const xml = `<mujoco>
      <worldbody><body>
        <joint name="x" type="slide" axis="1 0 0"/><joint name="y" type="slide" axis="0 1 0"/>
        <joint name="z" type="slide" axis="0 0 1"/><geom size="0.1"/>
      </body></worldbody>
      <actuator><motor joint="x" ctrlrange="-2 4" ctrllimited="true"/></actuator>
    </mujoco>`;
    const sled = await make("HalfCheetah-v5", { xml });
    expect(sled.actionSpace).toMatchObject({ shape: [1], low: [-2], high: [4] });
    expect(sled.observationSpace).toMatchObject({ shape: [5] });
    sled.close!();
  });

  it("let rules modify the model of each copy", async () => {
    const masses = [1, 2, 4];
    const rules = (model: Parameters<typeof positions>[0]): Rules => {
      const mass = model.array("body_mass")[1];
      return {
        start: () => {},
        observation: [positions(model), velocities(model)],
        reward: () => 0,
        terms: {},
        prepare: (own, copy) => {
          own.array("body_mass")[1] = mass * masses[copy];
        },
      };
    };
    const spec = { id: "Carts", xml: invertedPendulumModel, frameSkip: 2, maxEpisodeSteps: 10, rules };
    const single = await mujocoEnvironment(spec);
    const vector = await makeVector(() => mujocoEnvironment(spec), 3);
    const state = vector.getState();
    vector.step(new Float32Array([1, 1, 1]));
    const speeds = [2, 6, 10].map((at) => vector.observations[at]);
    expect(speeds[0]).toBeGreaterThan(1.2 * speeds[1]);
    expect(speeds[1]).toBeGreaterThan(1.2 * speeds[2]);
    single.reset();
    expect((single.step([1]).observation as Float32Array)[2]).toBe(speeds[0]);
    vector.setState(state);
    vector.step(new Float32Array([1, 1, 1]));
    expect([2, 6, 10].map((at) => vector.observations[at])).toEqual(speeds);
    vector.close();
    single.close!();
  });

  it("report positions of their parts, and render them", async () => {
    const hopper = (await make("Hopper-v5")) as MujocoEnvironment;
    hopper.reset({ options: { qpos: [2, 1.25, 0, 0, 0, 0] } });
    const { geoms } = hopper.frame();
    const torso = geoms.find(({ name }) => name === "torso_geom")!;
    expect(torso).toMatchObject({ body: "torso", shape: "capsule", position: [2, 0, 1.25] });
    const still = hopper.renderSvg!();
    expect(still).toMatch(/^<svg /);
    hopper.step([1, 1, 1]);
    expect(hopper.renderSvg!()).not.toBe(still);
    hopper.close!();
    expect(() => hopper.frame()).toThrow("closed");
  });

  it("release the engine's memory, after episodes and after being closed", async () => {
    const once = async () => {
      const vector = await makeVector("InvertedPendulum-v5", 4);
      const actions = new Float32Array(4).fill(3);
      // Pushed so hard, a pole falls within a few steps.
      for (let step = 0; step < 100; step++) vector.step(actions);
      vector.close();
      const single = await make("Hopper-v5");
      single.reset();
      single.getState!();
      single.close!();
    };
    for (let cycle = 0; cycle < 5; cycle++) await once();
    const before = await engineMemory();
    for (let cycle = 0; cycle < 40; cycle++) await once();
    expect(await engineMemory()).toBe(before);
  });
});
