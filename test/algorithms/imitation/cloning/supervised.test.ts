/** @file Supervised learning from pairs: epochs, and the maximum of the likelihood. */

import { describe, expect, it } from "vitest";
import {
  cloneBatches,
  clonerOf,
  createClonerState,
} from "../../../../algorithms/imitation/cloning/supervised.js";
import { table } from "../../../support/imitation.js";
import "../../../../envs/index.js";
import { problemOf } from "../../../../src/env/problem.js";
import { NetworkPolicy } from "../../../../src/policies/index.js";
import { createRng } from "../../../../src/random/rng.js";

const ENV = "FrozenLake-v1";

describe("cloning of pairs", () => {
  it("visits every pair once in an epoch", async () => {
    const problem = await problemOf(ENV);
    const cloner = clonerOf(problem, table);
    const state = createClonerState(cloner, createRng(0));
    const pairs = { count: 16, observations: new Float32Array(16), actions: new Int32Array(16) };
    await cloneBatches(cloner, state, pairs, 2);
    expect(Array.from(state.order).sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => i));
    expect(state.used).toBe(16);
  });

  it("fits the empirical action frequencies, the maximum of the likelihood", async () => {
    const problem = await problemOf(ENV);
    const cloner = clonerOf(problem, { ...table, minibatchSize: 4, learningRate: 0.05 });
    const state = createClonerState(cloner, createRng(0));
    // In state 3 the expert took action 1 three times and action 2 once.
    const pairs = { count: 4, observations: new Float32Array(4).fill(3), actions: Int32Array.of(1, 1, 2, 1) };
    await cloneBatches(cloner, state, pairs, 2000);
    const learner = new NetworkPolicy(cloner.network.settings, state.parameters);
    const probabilities = (await learner.probabilities?.(Float32Array.of(3))) ?? [];
    expect(probabilities[1]).toBeCloseTo(0.75, 1);
    expect(probabilities[2]).toBeCloseTo(0.25, 1);
    expect(probabilities[0]).toBeLessThan(0.02);
  });
});
