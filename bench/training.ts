/** @file Benchmark of training loops on one core: PPO, SAC, rollouts and memory. Prints one JSON line per result. */

import { ppo, sac } from "../algorithms/index.js";
import { type Algorithm, train } from "../index.js";
import { problemOf } from "../src/env/problem.js";
import { actorCritic, NetworkPolicy } from "../src/policies/index.js";
import { createRng } from "../src/random/rng.js";
import { collectRollout, createEpisodeTracker, createRollout } from "../src/rollout/rollout-buffer.js";

const env = "CartPole-v1";
const print = (name: string, value: number, unit: string) =>
  console.log(JSON.stringify({ name, value: Math.round(value), unit }));
const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1];

async function seconds(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}

const rates = [];
for (let seed = 0; seed < 5; seed++) {
  rates.push(50_000 / (await seconds(() => train(ppo(), { env, steps: 50_000, seed }))));
}
print("PPO on CartPole, 50 000 steps end to end, median of 5 seeds", median(rates), "steps/s");
print("the same, best of 5 seeds", Math.max(...rates), "steps/s");

/** Environment steps per second of a compiled learner: the median of five updates. */
async function rateOf<State extends { steps: number }>(
  name: string,
  algorithm: Algorithm<State>,
  id: string,
) {
  const state = await algorithm.init(await problemOf(id), createRng(0));
  const warmUp = state.steps + WARM_UP;
  while (state.steps < warmUp) await algorithm.update(state);
  const found = [];
  for (let i = 0; i < 5; i++) {
    const before = state.steps;
    const time = await seconds(() => algorithm.update(state));
    found.push((state.steps - before) / time);
  }
  print(`${name}, median of 5 updates`, median(found), "steps/s");
}

const WARM_UP = 700;
const baselines = {
  environments: 1,
  rolloutSteps: 2048,
  minibatchSize: 64,
  epochs: 10,
  discount: 0.99,
  gaeLambda: 0.95,
  learningRate: 3e-4,
  normaliseObservations: true,
  normaliseRewards: true,
};
for (const width of [64, 256]) {
  const hidden = [width, width];
  const sizes = `${width}×${width}`;
  for (const id of ["Pendulum-v1", "Hopper-v5", "HalfCheetah-v5"]) {
    const name = `PPO on ${id}, 1 environment × 2048 steps, minibatch 64, 10 epochs, normalised, ${sizes}`;
    await rateOf(name, ppo({ ...baselines, hidden }), id);
  }
  for (const id of ["Pendulum-v1", "HalfCheetah-v5"]) {
    const options = { hidden, minibatchSize: 256, learningStarts: 600, trainEvery: 64 };
    await rateOf(`SAC on ${id}, minibatch 256, a gradient step a step, ${sizes}`, sac(options), id);
  }
}

const problem = await problemOf(env);
const { observationSpace, actionSpace } = problem;
const settings = {
  observationSpace,
  actionSpace,
  hidden: [64, 64],
  activation: "tanh" as const,
  critic: true,
};
const rng = createRng("bench");
const policy = new NetworkPolicy(settings, actorCritic(settings).layout.initialise(rng));
for (const count of [8, 1024]) {
  const vector = await problem.vector(count, rng);
  const steps = count === 8 ? 1000 : 50;
  const [rollout, tracker] = [createRollout(vector, steps), createEpisodeTracker(count)];
  const times = [];
  for (let i = 0; i < 10; i++)
    times.push(await seconds(() => collectRollout(policy, vector, rollout, tracker, rng)));
  print(
    `rollout with a 64×64 policy and critic, ${count} environments`,
    (steps * count) / Math.min(...times),
    "steps/s",
  );
}

if (process.argv.includes("--memory")) {
  let early = 0;
  const steps = 1_000_000;
  await train(ppo(), {
    env,
    steps,
    onIteration: (row) => {
      if (early === 0 && row.steps >= steps / 10) early = process.memoryUsage.rss();
    },
  });
  print("resident memory after 100 000 steps of PPO", early / 2 ** 20, "MiB");
  print("resident memory after 1 000 000 steps of PPO", process.memoryUsage.rss() / 2 ** 20, "MiB");
}
