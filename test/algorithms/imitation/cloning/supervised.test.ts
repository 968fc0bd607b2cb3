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
import * as t from "../../../../src/tensor/index.js";

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

  it("steps down the mean loss less the weighted entropy, plus ½ l2 ‖θ‖²", async () => {
    const problem = await problemOf(ENV);
    for (const [entropyCoefficient, l2] of [
      [0, 0],
      [0.3, 0],
      [0, 0.2],
      [0.3, 0.2],
    ]) {
      const cloner = clonerOf(problem, { ...table, entropyCoefficient, l2, minibatchSize: 4 });
      const { layout } = cloner.network;
      const state = createClonerState(cloner, createRng(0));
      state.parameters = createRng("weights").fillNormal(new Float32Array(layout.size));
      const before = Float64Array.from(state.parameters);
      const observations = Float32Array.of(3, 3, 7, 0);
      const actions = Int32Array.of(1, 2, 0, 3);
      await cloneBatches(cloner, state, { count: 4, observations, actions }, 1);
      const logProbs = t.program(
        { parameters: t.float32([layout.size]), rows: t.float32([4, 1]), taken: t.int32([4]) },
        ({ parameters, rows, taken }) => ({
          logProb: cloner.network.distribution(layout.unflatten(parameters), rows).logProb(taken),
        }),
      );
      const objective = (parameters: Float64Array) => {
        /** log π(a | s) of the four rows, by action. */
        const all = [0, 1, 2, 3].map(
          (a) =>
            logProbs.interpret({ parameters, rows: observations, taken: new Int32Array(4).fill(a) }).logProb,
        );
        let sum = 0;
        for (let row = 0; row < 4; row++) {
          const entropy = -all.reduce((total, of) => total + Math.exp(of[row]) * of[row], 0);
          sum += (-all[actions[row]][row] - entropyCoefficient * entropy) / 4;
        }
        return sum + (l2 / 2) * parameters.reduce((total, x) => total + x * x, 0);
      };
      // Adam's first moment after one step is the gradient.
      for (const [i, x] of state.slots[0].entries()) {
        const moved = (by: number) => objective(before.map((y, j) => (i === j ? y + by : y)));
        expect(x).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 5);
      }
    }
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
