/**
 * @file Benchmark of the overhead of the physics interface: steps per second (controls, physics steps, an observation)
 * with the bindings alone and through the interface, interleaved. Prints one JSON line per result.
 */

import loadMujoco from "@mujoco/mujoco";
import { halfCheetahModel } from "../envs/mujoco/models/half-cheetah.js";
import { hopperModel } from "../envs/mujoco/models/hopper.js";
import { humanoidModel } from "../envs/mujoco/models/humanoid.js";
import { nativePhysics } from "../envs/mujoco/physics/native.js";
import type { Physics } from "../envs/mujoco/physics/physics.js";
import { wasmPhysics } from "../envs/mujoco/physics/wasm.js";

const ROUNDS = 7;
const STEPS = 400;
const EPISODE = 50;

/** Runs `STEPS` steps. */
type Loop = () => void;

interface Simulation {
  qpos: Float64Array;
  qvel: Float64Array;
  ctrl: Float64Array;
}

/** Small controls, so that the robot stays in place, and a checksum of the observations. */
function play(start: () => void, view: () => Simulation, step: () => void): void {
  let sum = 0;
  for (let t = 0; t < STEPS; t++) {
    if (t % EPISODE === 0) start();
    const { qpos, qvel, ctrl } = view();
    for (let i = 0; i < ctrl.length; i++) ctrl[i] = 0.3 * Math.sin(0.2 * t + i);
    step();
    for (let i = 0; i < qpos.length; i++) sum += qpos[i];
    for (let i = 0; i < qvel.length; i++) sum += qvel[i];
  }
  if (Number.isNaN(sum)) throw new Error("the simulation diverged");
}

async function bareLoop(xml: string, frameSkip: number): Promise<Loop> {
  const mujoco = await loadMujoco();
  const model = mujoco.MjModel.from_xml_string(xml);
  const data = new mujoco.MjData(model);
  const views: Simulation = { qpos: data.qpos, qvel: data.qvel, ctrl: data.ctrl };
  return () =>
    play(
      () => mujoco.mj_resetData(model, data),
      () => views,
      () => {
        for (let k = 0; k < frameSkip; k++) mujoco.mj_step(model, data);
      },
    );
}

function interfaceLoop(physics: Physics, xml: string, frameSkip: number): Loop {
  const data = physics.compile(xml).createData();
  return () =>
    play(
      () => data.reset(),
      () => data,
      () => data.step(frameSkip),
    );
}

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];

const library = process.env.UNDERSTUDY_MUJOCO;
const models: [string, string, number][] = [
  ["Hopper", hopperModel, 4],
  ["HalfCheetah", halfCheetahModel, 5],
  ["Humanoid", humanoidModel, 5],
];

for (const [model, xml, frameSkip] of models) {
  const loops: [string, Loop][] = [
    ["bindings alone", await bareLoop(xml, frameSkip)],
    ["WebAssembly", interfaceLoop(await wasmPhysics(), xml, frameSkip)],
  ];
  if (library) loops.push(["native", interfaceLoop(await nativePhysics(library), xml, frameSkip)]);
  const speeds = loops.map((): number[] => []);
  for (let round = -2; round < ROUNDS; round++) {
    for (const [i, [, loop]] of loops.entries()) {
      // Processor time, which other processes affect less than wall time.
      const start = process.cpuUsage();
      loop();
      // The first rounds warm up the just-in-time compiler.
      if (round >= 0) speeds[i].push((1e6 * STEPS) / process.cpuUsage(start).user);
    }
  }
  for (const [i, [name]] of loops.entries()) {
    const value = Math.round(median(speeds[i]));
    console.log(JSON.stringify({ name: `${model}, ${name}`, value, unit: "steps/s" }));
    if (i === 0) continue;
    const ratio = Math.round(1000 * median(speeds[i].map((speed, round) => speed / speeds[0][round]))) / 1000;
    console.log(JSON.stringify({ name: `${model}, ${name} to bindings alone`, value: ratio, unit: "ratio" }));
  }
}
