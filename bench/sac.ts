/**
 * @file Benchmark of SAC on one core, at the sizes of HalfCheetah. Prints one JSON line per result.
 *
 * The bound is the time of the matrix products of a gradient step at the speed of a single product of two 256 × 256
 * matrices. The median of several interleaved measurements of processor time counts, because other processes share the
 * machine.
 */

import { sac } from "../algorithms/index.js";
import { makeVector } from "../envs/index.js";
import { problemOf } from "../src/env/problem.js";
import { mapped } from "../src/learning/trees.js";
import { createRng } from "../src/random/rng.js";
import { spaceWidth } from "../src/spaces/index.js";
import * as t from "../src/tensor/index.js";

const ENV = "HalfCheetah-v5";
const BATCH = 256;
const HIDDEN = 256;
const ROUNDS = 21;
const PRODUCTS = 64;

const problem = await problemOf(ENV);
const observations = spaceWidth(problem.observationSpace);
const actions = spaceWidth(problem.actionSpace);

/** A function that makes one update of a SAC learner after its warm-up. */
async function learner(options: Parameters<typeof sac>[0]) {
  const algorithm = sac({ learningStarts: 512, minibatchSize: BATCH, hidden: [HIDDEN, HIDDEN], ...options });
  const state = await algorithm.init(problem, createRng("bench"));
  while (state.steps < 512) await algorithm.update(state);
  await algorithm.update(state);
  return () => algorithm.update(state);
}

/** Number of multiplications and additions in the matrix products of one gradient step. */
function operations(): number {
  const network = (inputs: number, outputs: number) => {
    const [first, middle, last] = [inputs * HIDDEN, HIDDEN * HIDDEN, HIDDEN * outputs];
    return {
      forward: first + middle + last,
      weights: first + middle + last,
      hidden: middle + last,
      inputs: first,
    };
  };
  const actor = network(observations, 2 * actions);
  const critic = network(observations + actions, 1);
  // The actor is evaluated at s′ and s; each critic at the target, at the taken action and at the actor's action.
  const forward = 2 * actor.forward + 2 * 3 * critic.forward;
  const criticLoss = 2 * (critic.weights + critic.hidden);
  const actorLoss = 2 * (critic.hidden + critic.inputs) + actor.weights + actor.hidden;
  return 2 * BATCH * (forward + criticLoss + actorLoss);
}

/** Repeated products of two 256 × 256 matrices, for about the time of a few gradient steps. */
async function products() {
  const side = [256, 256];
  const program = t.program({ x: t.float32(side), w: t.float32(side) }, ({ x, w }) => ({
    x: t.loop(PRODUCTS, [x], (_, [carry]) => [t.matmul(carry, w)])[0],
  }));
  const rng = createRng("products");
  const x = rng.fillNormal(new Float32Array(256 * 256));
  const w = rng.fillNormal(new Float32Array(256 * 256)).map((value) => value / 16);
  return () => program.run({ x, w });
}

const STEPS = 8;
const vector = await makeVector(ENV, 1);
const still = new Float32Array(actions);
const tasks: Record<string, () => unknown> = {
  gradient: await learner({ trainEvery: 1, gradientSteps: STEPS }),
  whole: await learner({ trainEvery: STEPS }),
  each: await learner({ trainEvery: 1 }),
  tuned: await learner({ trainEvery: STEPS, minibatchSize: 128, hidden: [128, 128] }),
  environment: () => {
    for (let step = 0; step < STEPS; step++) vector.step(still);
  },
  products: await products(),
};
const times = mapped(tasks, () => [] as number[]);
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, run] of Object.entries(tasks)) {
    const repeats = name === "each" ? STEPS : 1;
    const before = process.cpuUsage();
    for (let i = 0; i < repeats; i++) await run();
    const { user, system } = process.cpuUsage(before);
    times[name].push((user + system) / 1e6 / STEPS);
  }
}
const median = mapped(times, (seconds) => seconds.sort((a, b) => a - b)[ROUNDS >> 1]);

const print = (name: string, value: number, unit: string) =>
  console.log(JSON.stringify({ name, value: Number(value.toPrecision(4)), unit }));
const speed = (2 * 256 ** 3 * PRODUCTS) / (median.products * STEPS);
const bound = operations() / speed;
const sizes = `batch ${BATCH}, ${HIDDEN}×${HIDDEN}`;
print(`SAC gradient steps, ${sizes}, ${ENV}'s spaces`, 1 / median.gradient, "steps/s");
print("the same, at the speed of its matrix products alone", 1 / bound, "steps/s");
print("share of a gradient step that its matrix products would take", (100 * bound) / median.gradient, "%");
print("speed of a product of two 256 × 256 matrices", speed / 1e9, "GFLOP/s");
print(`SAC on ${ENV}, one gradient step a step, ${STEPS} at a time`, 1 / median.whole, "steps/s");
print(`SAC on ${ENV}, one gradient step after every step`, 1 / median.each, "steps/s");
print(
  `SAC on ${ENV}, batch 128, 128×128, one gradient step a step, ${STEPS} at a time`,
  1 / median.tuned,
  "steps/s",
);
print(`${ENV} alone, one environment`, 1 / median.environment, "steps/s");
