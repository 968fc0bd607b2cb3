/**
 * @file The native engine against the WebAssembly build. The library is the one in UNDERSTUDY_MUJOCO, or the one that
 * Debian's package libmujoco-dev installs; without either these tests are skipped.
 */

import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { mujocoModels } from "../../../../envs/mujoco/models/index.js";
import { nativePhysics } from "../../../../envs/mujoco/physics/native.js";
import type { Data, Physics } from "../../../../envs/mujoco/physics/physics.js";
import { wasmPhysics } from "../../../../envs/mujoco/physics/wasm.js";

const path = [
  process.env.UNDERSTUDY_MUJOCO,
  ...["x86_64", "aarch64"].map((machine) => `/usr/lib/${machine}-linux-gnu/libmujoco.so`),
].find((name) => name && existsSync(name));

/** Of two engines whose versions differ: solvers and defaults have changed, so only short runs are close. */
const CLOSE = 1e-6;

/** The last state of a robot after a push and some steps with changing controls. */
function played(physics: Physics, id: keyof typeof mujocoModels, steps: number) {
  const model = physics.compile(mujocoModels[id]);
  const data = model.createData();
  data.qvel[0] = 0.1;
  data.forward();
  for (let i = 0; i < steps; i++) push(data, i);
  data.rnePostConstraint();
  const { qpos, qvel, xpos, xipos, cvel, cinert, qfrcActuator, time } = data;
  const all = { qpos, qvel, xpos, xipos, cvel, cinert, qfrcActuator };
  const numbers = Object.fromEntries(Object.entries(all).map(([name, array]) => [name, Array.from(array)]));
  const arrays = ["body_mass", "geom_size", "actuator_gear", "jnt_range"].map((name) => [
    ...model.array(name),
  ]);
  const ids = {
    thigh: model.id("body", "thigh"),
    motor: model.id("actuator", model.name("actuator", model.nu - 1)),
  };
  data.free();
  model.free();
  return { numbers, arrays, ids, time };
}

function push(data: Data, i: number): void {
  for (let k = 0; k < data.ctrl.length; k++) data.ctrl[k] = Math.sin(i + k);
  data.step(4);
}

describe.skipIf(!path)(`the library${path ? ` at ${path}` : ", which is not installed: skipped"}`, () => {
  it.each([
    "Hopper-v5",
    "Walker2d-v5",
  ] as const)("moves %s for some steps as the WebAssembly build does", async (id) => {
    const [native, wasm] = [await nativePhysics(path!), await wasmPhysics()];
    expect(native.version).toMatch(/native/);
    const [found, expected] = [played(native, id, 5), played(wasm, id, 5)];
    expect(found.ids).toEqual(expected.ids);
    expect(found.time).toBeCloseTo(expected.time, 12);
    found.arrays.forEach((array, k) => {
      expect(array.length).toBe(expected.arrays[k].length);
      for (const [i, x] of array.entries()) expect(x).toBeCloseTo(expected.arrays[k][i], 9);
    });
    for (const [name, numbers] of Object.entries(expected.numbers)) {
      expect(found.numbers[name].length).toBe(numbers.length);
      const furthest = Math.max(...numbers.map((x, i) => Math.abs(x - found.numbers[name][i])));
      expect(furthest, name).toBeLessThan(CLOSE * Math.max(1, ...numbers.map(Math.abs)));
    }
  });

  it("goes on bit for bit from a saved state", async () => {
    const model = (await nativePhysics(path!)).compile(mujocoModels["Hopper-v5"]);
    const [data, other] = [model.createData(), model.createData()];
    data.reset();
    for (let i = 0; i < 40; i++) push(data, i);
    const saved = new Float64Array(data.stateSize);
    data.save(saved);
    other.load(saved);
    expect([...other.xpos]).toEqual([...data.xpos]);
    for (let i = 40; i < 60; i++) {
      push(data, i);
      push(other, i);
      expect([...other.qpos]).toEqual([...data.qpos]);
      expect([...other.qvel]).toEqual([...data.qvel]);
    }
    expect(other.time).toBe(data.time);
  });

  it("refuses a simulation that diverges, and a model that does not compile", async () => {
    const physics = await nativePhysics(path!);
    const data = physics.compile(mujocoModels["Hopper-v5"]).createData();
    data.qvel.fill(1e12);
    expect(() => data.step(1)).toThrow(/diverged between 0.0000 and 0.0020 s/);
    expect(() => physics.compile("<mujoco><nothing/></mujoco>")).toThrow(/does not compile: .*nothing/);
  });
});
