/**
 * @file Benchmark of behaviour cloning on one core: pairs per second at CartPole sizes, for policies without and with
 * memory. Prints one JSON line per result.
 */

import { bc } from "../algorithms/index.js";
import { collect, UniformPolicy } from "../index.js";
import { problemOf } from "../src/env/problem.js";
import { createRng } from "../src/random/rng.js";

const env = "CartPole-v1";
const problem = await problemOf(env);
const random = new UniformPolicy(problem.observationSpace, problem.actionSpace);
const demonstrations = await collect(random, { env, steps: 20_000, seed: 0 });

/** Pairs per second of a compiled learner: best and median of several passes over the demonstrations. */
async function rates(options: Partial<Parameters<typeof bc>[0]>): Promise<{ best: number; median: number }> {
  const { minibatchSize } = options;
  const algorithm = bc({ demonstrations, epochs: 1000, ...options });
  const state = await algorithm.init(problem, createRng(0));
  let { steps } = await algorithm.update(state);
  const found: number[] = [];
  for (let i = 0; i < 9; i++) {
    const started = performance.now();
    const metrics = await algorithm.update(state);
    found.push(((metrics.steps - steps) * minibatchSize! * 1000) / (performance.now() - started));
    steps = metrics.steps;
  }
  found.sort((a, b) => a - b);
  return { best: found.at(-1)!, median: found[found.length >> 1] };
}

for (const [what, options] of [
  ["batch 32, 64×64", { minibatchSize: 32 }],
  ["batch 256, 64×64", { minibatchSize: 256 }],
  ["batch 32, linear", { minibatchSize: 32, hidden: [] }],
  ["batch 256 of sequences of 16, 64×64 and a GRU of 64", { minibatchSize: 256, recurrentUnits: 64 }],
] as const) {
  const { best, median } = await rates({ ...options, hidden: "hidden" in options ? [] : [64, 64] });
  const value = { value: Math.round(median), best: Math.round(best), unit: "samples/s" };
  console.log(JSON.stringify({ name: `behaviour cloning, ${what}`, ...value }));
}

// A short training, in which the compilation of its program takes much of the time: processor time of each of seven
// learners, whose learning rates differ so that none has the program of another.
const few = await collect(random, { env, steps: 1000, seed: 0 });
const seconds: number[] = [];
for (let i = 0; i < 7; i++) {
  const before = process.cpuUsage();
  const algorithm = bc({ demonstrations: few, epochs: 1, learningRate: 1e-3 * (1 + i) });
  await algorithm.update(await algorithm.init(problem, createRng(0)));
  const { user, system } = process.cpuUsage(before);
  seconds.push((user + system) / 1e6);
}
const [first] = seconds;
const median = seconds.sort((a, b) => a - b)[3];
console.log(
  JSON.stringify({ name: "behaviour cloning, one pass over 1000 pairs", value: median, first, unit: "s" }),
);
