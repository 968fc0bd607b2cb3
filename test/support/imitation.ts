/** @file Small settings and demonstrations for tests of imitation, and the test that a run can be resumed. */

import { expect } from "vitest";
import { collect, type Demonstrations } from "../../index.js";
import { problemOf } from "../../src/env/problem.js";
import type { Algorithm, State } from "../../src/learning/contract.js";
import { UniformPolicy } from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";
import { restore, snapshot } from "../../src/state/snapshot.js";

/** Of PPO. */
export const small = { environments: 4, rolloutSteps: 16, minibatchSize: 32, epochs: 2, hidden: [8] };
/** Of SAC and DQN. */
export const offPolicy = { hidden: [8], minibatchSize: 16, learningStarts: 32, trainEvery: 16 };
/** Of a discriminator. */
export const tiny = { hidden: [8], minibatchSize: 16, updates: 2 };

/** Of cloning by a table: a linear policy over one-hot states. */
export const table = {
  hidden: [],
  activation: "tanh" as const,
  minibatchSize: 8,
  learningRate: 0.1,
  loss: "log-likelihood" as const,
  entropyCoefficient: 0,
  l2: 0,
};

/** Episodes of random actions. */
export async function randomEpisodes(env: string, episodes: number): Promise<Demonstrations> {
  const { observationSpace, actionSpace } = await problemOf(env);
  return collect(new UniformPolicy(observationSpace, actionSpace), { env, episodes, seed: 0 });
}

/** Expects that a run which is saved and restored continues as if it had not been. */
export async function expectResumption(env: string, algorithm: Algorithm): Promise<void> {
  const problem = await problemOf(env);
  const whole = await algorithm.init(problem, createRng(3));
  for (let i = 0; i < 4; i++) await algorithm.update(whole);
  const saved = snapshot(whole);
  const resumed = await algorithm.init(problem, createRng(3));
  restore(resumed, saved);
  for (let i = 0; i < 2; i++) expect(await algorithm.update(resumed)).toEqual(await algorithm.update(whole));
  expect(snapshot(resumed)).toEqual(snapshot(whole));
  const { observations } = await problem.vector(2, createRng("probe"));
  const acts = async (state: State) =>
    (await algorithm.policy(state).act(observations, { rng: createRng(0), deterministic: true })).actions;
  expect(await acts(resumed)).toEqual(await acts(whole));
}
