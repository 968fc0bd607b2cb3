/** @file Properties that environments rely on in a physics engine, for each available engine. */

import { describe, expect, it } from "vitest";
import { nativePhysics } from "../../../../envs/mujoco/physics/native.js";
import type { Data, Physics } from "../../../../envs/mujoco/physics/physics.js";
import { wasmPhysics } from "../../../../envs/mujoco/physics/wasm.js";
import { UsageError } from "../../../../src/errors.js";
import { drive, KICKER, PENDULUM } from "./models.js";

const library = process.env.UNDERSTUDY_MUJOCO;
const engines: [string, Physics | undefined][] = [
  ["WebAssembly", await wasmPhysics()],
  // Skipped unless UNDERSTUDY_MUJOCO names an installed library.
  ["native", library ? await nativePhysics(library) : undefined],
];

const VIEWS = [
  "qpos",
  "qvel",
  "ctrl",
  "xpos",
  "xipos",
  "cinert",
  "cvel",
  "cfrcExt",
  "qfrcActuator",
  "qfrcConstraint",
  "geomXpos",
  "geomXmat",
  "siteXpos",
] as const;

/** Everything that can be read of a state, as one array. */
const everything = (data: Data): number[] => [data.time, ...VIEWS.flatMap((name) => [...data[name]])];

/** Steps as an environment does, from step `from` on, and records all there is to see. */
function trajectory(data: Data, steps: number, from = 0): number[][] {
  return Array.from({ length: steps }, (_, t) => {
    drive(data.ctrl, from + t);
    data.step(5);
    data.rnePostConstraint();
    return everything(data);
  });
}

for (const [name, physics] of engines) {
  describe.skipIf(!physics)(`the ${name} engine`, () => {
    const engine = physics as Physics;

    it("reports its version", () => expect(engine.version).toMatch(/^\d+\.\d+\.\d+ \(.+\)$/));

    it("reports the sizes, arrays and names of a model", () => {
      const model = engine.compile(KICKER);
      expect(model).toMatchObject({
        nq: 9,
        nv: 8,
        nu: 2,
        nbody: 4,
        ngeom: 4,
        njnt: 3,
        nsite: 1,
        timestep: 0.01,
      });
      expect(model.array("body_mass")).toHaveLength(4);
      expect(model.array("geom_rgba")).toBeInstanceOf(Float32Array);
      expect(model.array("geom_type")).toBeInstanceOf(Int32Array);
      expect(model.id("body", "torso")).toBe(1);
      expect(model.id("joint", "right hip")).toBe(2);
      expect(model.id("geom", "floor")).toBe(0);
      expect(model.id("site", "top")).toBe(0);
      expect(model.id("actuator", "kick right")).toBe(1);
      expect(model.name("geom", 2)).toBe("left leg");
      expect(() => model.id("body", "trso")).toThrow('the model has no body "trso"');
      expect(() => model.array("body_mas")).toThrow('"body_mas"');
      model.free();
    });

    it("swings a pendulum by the equation of motion", () => {
      const model = engine.compile(PENDULUM);
      const data = model.createData();
      data.qpos[0] = 0.5;
      data.forward();
      const mass = model.array("body_mass")[1];
      const about = model.array("body_inertia")[3] + mass * 0.5 ** 2;
      data.step(1);
      // Semi-implicit Euler with implicit damping: θ' = θ̇ + h·τ/(I + h·d).
      const torque = -mass * 9.81 * 0.5 * Math.sin(0.5);
      expect(data.qvel[0]).toBeCloseTo((0.01 * torque) / (about + 0.01 * 0.1), 10);
      expect(data.time).toBeCloseTo(0.01, 12);
      data.free();
      model.free();
    });

    it("applies a change of the model from the next step on", () => {
      const model = engine.compile(PENDULUM);
      const data = model.createData();
      model.array("dof_damping")[0] = 0;
      data.qpos[0] = Math.PI / 2;
      data.qvel[0] = 1;
      data.forward();
      expect(data.qfrcActuator[0]).toBe(0);
      const energy = () => {
        const mass = model.array("body_mass")[1];
        const about = model.array("body_inertia")[3] + mass * 0.25;
        return 0.5 * about * data.qvel[0] ** 2 - mass * 9.81 * 0.5 * Math.cos(data.qpos[0]);
      };
      const before = energy();
      data.step(100);
      // Without friction the energy stays, up to the error of the integrator.
      expect(Math.abs(energy() / before - 1)).toBeLessThan(0.05);
      data.free();
      model.free();
    });

    it("resets to the initial state of the model, without control or warm start", () => {
      const model = engine.compile(KICKER);
      const [used, fresh] = [model.createData(), model.createData()];
      trajectory(used, 20);
      used.reset();
      expect(everything(used)).toEqual(everything(fresh));
      expect(trajectory(used, 20)).toEqual(trajectory(fresh, 20));
      used.free();
      fresh.free();
      model.free();
    });

    it("is bit-identical in two models and two states", () => {
      const models = [engine.compile(KICKER), engine.compile(KICKER)];
      const datas = [models[0].createData(), models[0].createData(), models[1].createData()];
      const [first, ...others] = datas.map((data) => trajectory(data, 60));
      for (const other of others) expect(other).toEqual(first);
      for (const data of datas) data.free();
      for (const model of models) model.free();
    });

    it("resumes bit for bit from a state saved in the middle of an episode", () => {
      const model = engine.compile(KICKER);
      const data = model.createData();
      trajectory(data, 30);
      const saved = new Float64Array(data.stateSize + 3);
      data.save(saved, 3);
      const seen = everything(data);
      const expected = trajectory(data, 30, 30);
      // Elsewhere, the state has been somewhere else in between.
      const other = model.createData();
      for (const target of [data, other]) {
        target.load(saved, 3);
        expect(everything(target)).toEqual(seen);
        expect(trajectory(target, 30, 30)).toEqual(expected);
      }
      expect([...saved.subarray(0, 3)]).toEqual([0, 0, 0]);
      data.free();
      other.free();
      model.free();
    });

    it("keeps views valid while other models and states are created and freed", () => {
      const model = engine.compile(KICKER);
      const [data, reference] = [model.createData(), model.createData()];
      const expected = trajectory(reference, 40);
      const others: { free(): void }[] = [];
      const { buffer } = data.qpos;
      for (let t = 0; t < 40; t++) {
        const another = engine.compile(KICKER);
        others.unshift(another);
        for (let j = 0; j < 2; j++) others.unshift(another.createData());
        expect(data.qpos).toHaveLength(model.nq);
        expect([trajectory(data, 1, t)[0]]).toEqual([expected[t]]);
        if (t === 20) for (const other of others.splice(0)) other.free();
      }
      // The memory did move, in the engine where it can.
      if (name === "WebAssembly") expect(data.qpos.buffer).not.toBe(buffer);
      data.qvel[0] = 7;
      expect(data.qvel[0]).toBe(7);
      for (const other of [...others, data, reference, model]) other.free();
    });

    it("reports that a simulation diverged, and when", () => {
      const model = engine.compile(KICKER);
      const data = model.createData();
      for (const spoil of [
        () => (data.qvel[6] = 1e12),
        () => (data.qpos[0] = Number.NaN),
        () => (data.ctrl[1] = Number.NaN),
      ]) {
        for (const steps of [0, 10]) {
          data.reset();
          if (steps > 0) data.step(steps);
          spoil();
          const when = `${(steps * 0.01).toFixed(4)} and ${(steps * 0.01 + 0.05).toFixed(4)} s`;
          expect(() => data.step(5)).toThrow(`diverged between ${when}`);
          expect(data.time).toBe(0);
        }
      }
      // And it can be used again.
      expect(trajectory(data, 3)).toHaveLength(3);
      data.free();
      model.free();
    });

    // Older versions do not know the size of the arena, and have room for these.
    it.skipIf(engine?.version.startsWith("2."))(
      "reports that a simulation has no memory left for contacts",
      () => {
        const balls = Array.from({ length: 12 }, (_, i) => {
          const at = `${0.1 * (i % 4)} ${0.1 * Math.floor(i / 4)} 0.05`;
          return `<body pos="${at}"><freejoint/><geom size="0.1" condim="6"/></body>`;
        });
        const model = engine.compile(
          `<mujoco><size memory="40K"/><worldbody><geom type="plane" size="5 5 1"/>${balls.join("")}</worldbody></mujoco>`,
        );
        const data = model.createData();
        expect(() => data.step(1)).toThrow("ran out of memory");
        data.free();
        model.free();
      },
    );

    it("refuses to free a model before its states, and to use freed objects", () => {
      const model = engine.compile(PENDULUM);
      const [data, other] = [model.createData(), model.createData()];
      expect(() => model.free()).toThrow("still used by 2 states");
      data.free();
      data.free();
      for (const use of [
        () => data.step(1),
        () => data.forward(),
        () => data.rnePostConstraint(),
        () => data.reset(),
        () => data.time,
        () => data.qpos[0],
        () => data.save(new Float64Array(data.stateSize)),
        () => data.load(new Float64Array(data.stateSize)),
      ]) {
        expect(use).toThrow("has been freed");
      }
      other.free();
      model.free();
      model.free();
      expect(() => model.createData()).toThrow("has been freed");
      expect(() => model.array("body_mass")).toThrow("has been freed");
    });

    it("reports MuJoCo's message about a model that does not compile, and leaks nothing", () => {
      const bad = KICKER.replace('size="0.15"', 'size="-1"');
      expect(() => engine.compile(bad)).toThrow(UsageError);
      expect(() => engine.compile(bad)).toThrow(/does not compile: .*size/);
      expect(() => engine.compile("<mujoco><wrldbody/></mujoco>")).toThrow(/unrecognized.*wrldbody/);
      expect(() => engine.compile("not XML")).toThrow("does not compile");
    });
  });
}

describe.skipIf(!library)("both engines", () => {
  it("agree to 1e-10 over a hundred steps", () => {
    const [wasm, native] = engines.map(([, physics]) => {
      const model = (physics as Physics).compile(KICKER);
      const data = model.createData();
      const seen = trajectory(data, 20);
      data.free();
      model.free();
      return seen;
    });
    const errors = wasm.flatMap((row, t) =>
      row.map((x, k) => Math.abs(x - native[t][k]) / (1 + Math.abs(x))),
    );
    expect(Math.max(...errors)).toBeLessThan(1e-10);
  });
});
