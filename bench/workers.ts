/**
 * @file Benchmark of worker threads: steps per second without, with one and with two worker threads. Two threads need two
 * idle cores. Prints one JSON line per result.
 */

import { envIds, makeVector } from "../envs/index.js";
import type { VectorEnvironment } from "../src/env/contracts.js";
import { createRng } from "../src/random/rng.js";
import { allocateActions, sampleInto, spaceWidth } from "../src/spaces/index.js";
import "./spin.js";

const COUNT = 64;
const SECONDS = 4;
/** Duration of a measurement (ms). */
const WINDOW = 50;
const WORKERS = [0, 1, 2];

function actionsFor({ actionSpace, count }: VectorEnvironment) {
  const rng = createRng("bench");
  const width = spaceWidth(actionSpace);
  const actions = allocateActions(actionSpace, count);
  const row = new Array<number>(width);
  for (let i = 0; i < count; i++) {
    sampleInto(actionSpace, rng, row, 0);
    actions.set(row, i * width);
  }
  return actions;
}

/** Environment steps per second of each vector, interleaved: the best of many short windows. */
function stepsPerSecond(vectors: readonly VectorEnvironment[]): number[] {
  const best = vectors.map(() => 0);
  const actions = actionsFor(vectors[0]);
  for (const start = performance.now(); performance.now() - start < 1000 * SECONDS; ) {
    for (const [k, vector] of vectors.entries()) {
      const began = performance.now();
      let steps = 0;
      for (; performance.now() - began < WINDOW; steps += COUNT) vector.step(actions);
      best[k] = Math.max(best[k], (1000 * steps) / (performance.now() - began));
    }
  }
  return best;
}

const print = (name: string, value: number, unit: string) =>
  console.log(JSON.stringify({ name, value: Number(value.toPrecision(4)), unit }));

const cases = [
  { id: "Spin-v0", name: "an environment of 50 µs a step" },
  { id: "CartPole-v1", name: "CartPole-v1" },
  { id: "Hopper-v5", name: "Hopper-v5" },
];
for (const { id, name } of cases.filter(({ id }) => envIds().includes(id))) {
  const vectors = [];
  for (const workers of WORKERS) vectors.push(await makeVector(id, COUNT, { workers }));
  const speeds = stepsPerSecond(vectors);
  for (const vector of vectors) vector.close();
  for (const [k, workers] of WORKERS.entries()) {
    const threads = workers === 0 ? "no workers" : workers === 1 ? "1 worker" : `${workers} workers`;
    print(`${name}, ${COUNT} environments, ${threads}`, speeds[k], "steps/s");
  }
  print(`${name}, 2 workers over 1`, speeds[2] / speeds[1], "times");
}
