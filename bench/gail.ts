/**
 * @file Benchmark of GAIL on CartPole on one core, with PPO inside: rounds of 16 384 environment steps, minibatches of 64
 * for 5 epochs, and 8 discriminator steps on 1024 pairs of each kind. Prints one JSON line per result.
 *
 * The parts of a round are measured separately. The best of several interleaved measurements counts, because other
 * processes share the machine.
 */

import { gail, ppo } from "../algorithms/index.js";
import { collect } from "../index.js";
import { subsample } from "../src/datasets/demonstration-tools.js";
import { problemOf } from "../src/env/problem.js";
import { createRng } from "../src/random/rng.js";
import { collectRollout, createEpisodeTracker, createRollout } from "../src/rollout/rollout-buffer.js";

const ENV = "CartPole-v1";
const ROUND = 16_384;
const ENVIRONMENTS = 128;
const ROUNDS = Number(process.argv[2] ?? 8);

const problem = await problemOf(ENV);
const learner = {
  environments: ENVIRONMENTS,
  rolloutSteps: ROUND / ENVIRONMENTS,
  minibatchSize: 64,
  epochs: 5,
  discount: 0.99,
  gaeLambda: 0.95,
};
const start = ppo(learner);
const beginner = await start.init(problem, createRng("demonstrator"));
const episodes = await collect(start.policy(beginner), { env: ENV, episodes: 10, seed: 0 });
const demonstrations = subsample(episodes, { every: 20, rng: createRng("pairs") });
const algorithm = gail({
  demonstrations,
  optimiser: ppo(learner),
  discriminator: { minibatchSize: 1024, updates: 8, gradientPenalty: 0 },
});
const penalised = gail({
  demonstrations,
  optimiser: ppo(learner),
  discriminator: { minibatchSize: 1024, updates: 8 },
});

/** Best time of each task (s), over interleaved measurements. */
const best: Record<string, number> = {};
const state = await algorithm.init(problem, createRng("bench"));
const withPenalty = await penalised.init(problem, createRng("bench"));
const alone = await start.init(problem, createRng("bench"));
const vector = await problem.vector(ENVIRONMENTS, createRng("bench"));
const [rollout, tracker] = [createRollout(vector, learner.rolloutSteps), createEpisodeTracker(ENVIRONMENTS)];
const tasks: Record<string, () => Promise<unknown>> = {
  round: () => algorithm.update(state),
  penalised: () => penalised.update(withPenalty),
  ppo: () => start.update(alone),
  rollout: () => collectRollout(start.policy(alone), vector, rollout, tracker, createRng("actions")),
};
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, run] of Object.entries(tasks)) {
    const began = performance.now();
    await run();
    const seconds = (performance.now() - began) / 1000;
    best[name] = Math.min(best[name] ?? Number.POSITIVE_INFINITY, seconds);
  }
}

const print = (name: string, value: number, unit: string) =>
  console.log(JSON.stringify({ name, value: Number(value.toPrecision(4)), unit }));
print("GAIL on CartPole end to end, PPO batch 64, 5 epochs, 8 × 1024 pairs", ROUND / best.round, "steps/s");
print("the same with a gradient penalty", ROUND / best.penalised, "steps/s");
print("of a round: acting", best.rollout, "s");
print("of a round: PPO's 1280 gradient steps", best.ppo - best.rollout, "s");
print("of a round: discriminator and rewards", best.round - best.ppo, "s");
