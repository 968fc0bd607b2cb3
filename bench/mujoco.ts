/**
 * @file Benchmark of the MuJoCo environments on one core: steps per second, and the share of the time that the engine
 * takes, measured by running the same episodes with the bare bindings. Prints one JSON line per result.
 */

import loadMujoco from "@mujoco/mujoco";
import { envSpec, make, makeVector } from "../envs/index.js";
import { type MujocoId, mujocoModels } from "../envs/mujoco/models/index.js";
import type { Environment, VectorEnvironment } from "../src/env/contracts.js";
import { createRng } from "../src/random/rng.js";

const VECTOR = 16;
/** Number of steps, a multiple of `VECTOR`. */
const STEPS = 96;
const ROUNDS = 40;

/** Recorded episodes under random actions, for the environment and for the bare bindings. */
interface Play {
  frameSkip: number;
  actions: Float32Array[];
  /** Start states of the episodes, by step. */
  starts: Map<number, { qpos: Float64Array; qvel: Float64Array }>;
}

async function record(environment: Environment, frameSkip: number, nq: number, nv: number): Promise<Play> {
  const rng = createRng("bench");
  const { low, high } = environment.actionSpace as { low: ArrayLike<number>; high: ArrayLike<number> };
  const starts: Play["starts"] = new Map();
  const begin = (step: number) => {
    environment.reset();
    const { dynamics } = environment.getState!() as { dynamics: { physics: Float64Array } };
    const qpos = dynamics.physics.slice(1, 1 + nq);
    starts.set(step, { qpos, qvel: dynamics.physics.slice(1 + nq, 1 + nq + nv) });
  };
  const actions: Float32Array[] = [];
  environment.reset({ seed: 1 });
  begin(0);
  for (let step = 0; step < STEPS; step++) {
    const action = Float32Array.from(low, (from, k) => from + (high[k] - from) * rng.uniform());
    actions.push(action);
    const { terminated, truncated } = environment.step(action);
    if (terminated || truncated) begin(step + 1);
  }
  return { frameSkip, actions, starts };
}

/** A single environment or a vector of environments. */
function playEnvironment(environment: Environment | VectorEnvironment, { actions, starts }: Play): void {
  for (let step = 0; step < actions.length; step++) {
    const start = starts.get(step);
    if (start) environment.reset({ options: { ...start } });
    environment.step(actions[step]);
  }
}

const mujoco = await loadMujoco();

/** The same episodes with the bare engine in a minimal loop. */
function barePlayer(xml: string, { frameSkip, actions, starts }: Play): { play(): void; close(): void } {
  const model = mujoco.MjModel.from_xml_string(xml);
  const data = new mujoco.MjData(model);
  const { mj_step, mj_forward, mj_resetData } = mujoco;
  return {
    play() {
      const [qpos, qvel, ctrl] = [data.qpos, data.qvel, data.ctrl] as Float64Array[];
      for (let step = 0; step < actions.length; step++) {
        const start = starts.get(step);
        if (start) {
          mj_resetData(model, data);
          qpos.set(start.qpos);
          qvel.set(start.qvel);
          mj_forward(model, data);
        }
        ctrl.set(actions[step]);
        for (let k = 0; k < frameSkip; k++) mj_step(model, data);
      }
    },
    close() {
      data.delete();
      model.delete();
    },
  };
}

function seconds(run: () => void): number {
  const start = performance.now();
  run();
  return (performance.now() - start) / 1000;
}

const line = (name: string, value: number, unit: string) =>
  console.log(JSON.stringify({ name, value: Number(value.toPrecision(4)), unit }));

async function measure(id: MujocoId): Promise<void> {
  const xml = mujocoModels[id];
  const { frameSkip } = envSpec(id).options!.parse({}) as { frameSkip: number };
  const environment = await make(id);
  const sizes = mujoco.MjModel.from_xml_string(xml);
  const play = await record(environment, frameSkip, sizes.nq, sizes.nv);
  sizes.delete();
  const bare = barePlayer(xml, play);
  const vector = await makeVector(id, VECTOR);
  const alone = await makeVector(id, 1);
  const batches = Array.from({ length: STEPS / VECTOR }, (_, k) => {
    const batch = new Float32Array(play.actions[0].length * VECTOR);
    for (let i = 0; i < VECTOR; i++) batch.set(play.actions[k * VECTOR + i], i * play.actions[0].length);
    return batch;
  });
  // Interleaved; the best of many short rounds counts, which other processes on the core disturb least.
  const best = { single: Infinity, alone: Infinity, bare: Infinity, vector: Infinity };
  for (let round = 0; round < ROUNDS; round++) {
    best.bare = Math.min(best.bare, seconds(bare.play));
    best.single = Math.min(
      best.single,
      seconds(() => playEnvironment(environment, play)),
    );
    best.alone = Math.min(
      best.alone,
      seconds(() => playEnvironment(alone, play)),
    );
    best.vector = Math.min(
      best.vector,
      seconds(() => {
        for (const batch of batches) vector.step(batch);
      }),
    );
  }
  line(`${id}, one environment`, STEPS / best.single, "steps/s");
  line(`${id}, vector of ${VECTOR}`, STEPS / best.vector, "steps/s");
  line(`${id}, one environment, share of the bare bindings`, best.bare / best.single, "1");
  line(`${id}, vector of 1, share of the bare bindings`, best.bare / best.alone, "1");
  alone.close();
  bare.close();
  vector.close();
  environment.close!();
}

for (const id of Object.keys(mujocoModels)) await measure(id as MujocoId);
