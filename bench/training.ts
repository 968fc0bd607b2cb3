/** @file Whole learning loops on one core: PPO and behaviour cloning end to end, rollouts, memory. One JSON line a figure. */

import { bc, ppo } from "../algorithms/index.js";
import { collect, train } from "../index.js";
import { actorCritic, NetworkPolicy } from "../src/policies/index.js";
import { createRng } from "../src/random/rng.js";
import { problemOf } from "../src/rollout/problem.js";
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

const locomotion = {
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
for (const id of ["Hopper-v5", "HalfCheetah-v5"]) {
  const algorithm = ppo(locomotion);
  const state = await algorithm.init(await problemOf(id), createRng(0));
  const times = [];
  for (let i = 0; i < 6; i++) times.push(await seconds(() => algorithm.update(state)));
  const name = `PPO on ${id}, 1 environment × 2048 steps, minibatch 64, 10 epochs, normalised, end to end`;
  print(name, 2048 / median(times.slice(1)), "steps/s");
  print("the same, best of 5 updates", 2048 / Math.min(...times.slice(1)), "steps/s");
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

const demonstrations = await collect(policy, { env, episodes: 100, seed: 0 });
const pairs = demonstrations.trajectories.reduce((sum, { rewards }) => sum + rewards.length, 0);
for (const minibatchSize of [32, 256]) {
  const epochs = Math.ceil(200_000 / pairs);
  const algorithm = bc({ demonstrations, minibatchSize, epochs });
  const time = Math.min(
    ...[await seconds(() => train(algorithm, { env })), await seconds(() => train(algorithm, { env }))],
  );
  print(`behaviour cloning, batch ${minibatchSize}, 64×64`, (pairs * epochs) / time, "samples/s");
}

if (process.argv.includes("--memory")) {
  let early = 0;
  const steps = 1_000_000;
  await train(ppo(), {
    env,
    steps,
    onProgress: (row) => {
      if (early === 0 && row.steps >= steps / 10) early = process.memoryUsage.rss();
    },
  });
  print("resident memory after 100 000 steps of PPO", early / 2 ** 20, "MiB");
  print("resident memory after 1 000 000 steps of PPO", process.memoryUsage.rss() / 2 ** 20, "MiB");
}
