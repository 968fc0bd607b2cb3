/**
 * @file A counter with reward 1 in every step: the value of each count is known, so errors by one step and a missing
 * bootstrap at time limits are detected.
 */

import { describe, expect, it } from "vitest";
import { a2c, dqn, ppo } from "../../algorithms/index.js";
import { problemOf } from "../../src/env/problem.js";
import type { Algorithm } from "../../src/learning/contract.js";
import { createRng } from "../../src/random/rng.js";
import { counter } from "../support/toys.js";

const LENGTH = 5;
const discount = 0.8;

/** What is still to come after t steps: 1 for each of the rest, or for ever. */
const values = {
  terminated: Array.from({ length: LENGTH }, (_, t) => (1 - discount ** (LENGTH - t)) / (1 - discount)),
  truncated: new Array(LENGTH).fill(1 / (1 - discount)),
};
// Where each is off by a count, or by the kind of ending, it is so by more than the tests allow.
type Ending = keyof typeof values;

/** One row for each count. */
const counts = Float32Array.from({ length: LENGTH * LENGTH }, (_, k) => Number(k % (LENGTH + 1) === 0));

async function learnt<S extends object>(algorithm: Algorithm<S>, ending: Ending, steps: number) {
  const problem = await problemOf(() => counter(LENGTH, ending));
  const state = await algorithm.init(problem, createRng(0));
  for (let done = 0; done < steps; ) done = (await algorithm.update(state)).steps;
  return algorithm.policy(state);
}

const furthest = (found: ArrayLike<number>, expected: readonly number[]) =>
  Math.max(...expected.map((value, t) => Math.abs(found[t] - value)));

const onPolicy = { environments: 8, hidden: [], discount, gaeLambda: 0.9 };
const rate = { from: 0.1, to: 0.003, steps: 6000 };
const learners = {
  ppo: (ending: Ending) => learnt(ppo({ ...onPolicy, learningRate: rate, epochs: 10 }), ending, 6000),
  "ppo with normalised observations": (ending: Ending) =>
    learnt(ppo({ ...onPolicy, learningRate: rate, epochs: 10, normaliseObservations: true }), ending, 6000),
  a2c: (ending: Ending) => learnt(a2c({ ...onPolicy, learningRate: rate }), ending, 12_000),
  dqn: (ending: Ending) =>
    learnt(
      dqn({
        hidden: [],
        discount,
        minibatchSize: 64,
        learningStarts: 200,
        learningRate: { from: 0.1, to: 0.003, steps: 3000 },
        targetEvery: 20,
        trainEvery: 16,
        gradientSteps: 16,
        nStep: 2,
      }),
      ending,
      3000,
    ),
};

describe.each(Object.entries(learners))("%s", (_, learn) => {
  it.each([
    "terminated",
    "truncated",
  ] as const)("learns the value of every count with episodes that are %s", async (ending) => {
    const found = await (await learn(ending)).value!(counts);
    expect(furthest(found, values[ending])).toBeLessThan(0.25);
  });
});
