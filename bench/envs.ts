/**
 * @file Benchmark of the environments without a physics engine on one core: steps per second of processor time, single
 * and in vector form, one JSON line per result. Arguments select environments by id. See bench/mujoco.ts for MuJoCo.
 */

import { envIds, make, makeVector } from "../envs/index.js";
import { mujoco } from "../envs/mujoco/index.js";
import { createRng } from "../src/random/rng.js";
import { allocateActions, sample, sampleInto, spaceWidth } from "../src/spaces/index.js";
import type { Action } from "../src/spaces/values.js";

/** The numbers of environments of the vectors. The peer in bench/peers.py has 4096. */
const COUNTS = [1024, 4096];
/** Duration of each measurement (s). */
const SECONDS = 1;

/** The median rate of many windows, in processor time, because other processes share the core. */
function rate(steps: number, window: () => void): number {
  const rates: number[] = [];
  for (const start = performance.now(); rates.length < 30 || performance.now() - start < 1000 * SECONDS; ) {
    const before = process.cpuUsage();
    window();
    const { user, system } = process.cpuUsage(before);
    rates.push((1e6 * steps) / (user + system));
  }
  return Math.round(rates.sort((a, b) => a - b)[rates.length >> 1]);
}

/** Environment steps per second of the vector form, with random actions drawn beforehand. */
async function vectorSpeed(id: string, count: number): Promise<number> {
  const vector = await makeVector(id, count);
  const rng = createRng("bench");
  const width = spaceWidth(vector.actionSpace);
  const row = new Array<number>(width);
  const batches = Array.from({ length: 16 }, () => {
    const actions = allocateActions(vector.actionSpace, count);
    for (let i = 0; i < count; i++) {
      sampleInto(vector.actionSpace, rng, row, 0);
      actions.set(row, i * width);
    }
    return actions;
  });
  const speed = rate(4 * batches.length * count, () => {
    for (let repeat = 0; repeat < 4; repeat++) for (const actions of batches) vector.step(actions);
  });
  vector.close();
  return speed;
}

/** Environment steps per second of a single environment, including resets. */
async function singleSpeed(id: string): Promise<number> {
  const environment = await make(id);
  const rng = createRng("bench");
  const actions = Array.from({ length: 256 }, () => sample(environment.actionSpace, rng) as Action);
  environment.reset({ seed: 1 });
  const speed = rate(64 * actions.length, () => {
    for (let i = 0; i < 64 * actions.length; i++) {
      const action = actions[i % actions.length];
      const { terminated, truncated } = environment.step(action);
      if (terminated || truncated) environment.reset();
    }
  });
  environment.close?.();
  return speed;
}

const physical = new Set(mujoco.map(({ id }) => id));
const chosen = process.argv.slice(2).filter((word) => envIds().includes(word));
for (const id of chosen.length > 0 ? chosen : envIds().filter((one) => !physical.has(one))) {
  const print = (name: string, value: number) =>
    console.log(JSON.stringify({ name: `${id}, ${name}, one core`, value, unit: "steps/s" }));
  print("alone", await singleSpeed(id));
  for (const count of COUNTS) print(`${count} environments`, await vectorSpeed(id, count));
}
