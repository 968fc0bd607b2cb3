/** @file Supervised learning from pairs: epochs, and the maximum of the likelihood. */

import { describe, expect, it } from "vitest";
import {
  cloneBatches,
  clonerOf,
  cloningLosses,
  createClonerState,
  heldOutLoss,
} from "../../../../algorithms/imitation/cloning/supervised.js";
import { table } from "../../../support/imitation.js";
import "../../../../envs/index.js";
import type { Problem } from "../../../../src/env/contracts.js";
import { problemOf } from "../../../../src/env/problem.js";
import { NetworkPolicy } from "../../../../src/policies/index.js";
import { createRng } from "../../../../src/random/rng.js";
import { box } from "../../../../src/spaces/index.js";
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

  it.each([
    "log-likelihood",
    "squared-error",
  ] as const)("has a %s in no unit of the actions", async (loss) => {
    const lossIn = async (unit: number) => {
      const actionSpace = box([2], [-2 * unit, -1], [2 * unit, 1]);
      const spaces = { observationSpace: box([1], -9, 9), actionSpace };
      const cloner = clonerOf({ id: "Units", ...spaces } as Problem, { ...table, loss });
      const state = createClonerState(cloner, createRng(0));
      const pairs = { count: 1, observations: Float32Array.of(3), actions: Float32Array.of(unit, -0.25) };
      return heldOutLoss(cloner, state, pairs);
    };
    expect(await lossIn(100)).toBeCloseTo(await lossIn(1), 4);
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

  it("has squared errors of each number of an action, and their sum in each row", async () => {
    const spaces = { observationSpace: box([1], -99, 99), actionSpace: box([2], -99, 99) };
    const options = { ...table, loss: "squared-error" as const };
    const { network } = clonerOf({ id: "Wide", ...spaces } as Problem, options);
    const program = t.program(
      { parameters: t.float32([network.layout.size]), rows: t.float32([3, 1]), actions: t.float32([3, 2]) },
      ({ parameters, rows, actions }) => {
        const pi = network.distribution(network.layout.unflatten(parameters), rows);
        const { losses, squares } = cloningLosses(network, pi, actions, options.loss);
        return { losses, squares: squares!, mode: pi.mode() };
      },
    );
    const actions = Float32Array.of(1, 2, -3, 4, 5, 60);
    const { losses, squares, mode } = program.interpret({
      parameters: network.layout.initialise(createRng(0)),
      rows: Float32Array.of(1, 2, 3),
      actions,
    });
    const scale = network.settings.actionScaling?.halfWidth ?? [1, 1];
    const expected = actions.map((a, k) => ((mode[k] - a) / scale[k % 2]) ** 2);
    for (const [k, x] of expected.entries()) expect(squares[k]).toBeCloseTo(x, 4);
    for (let i = 0; i < 3; i++) expect(losses[i]).toBeCloseTo(expected[2 * i] + expected[2 * i + 1], 4);
  });

  it("reports the mean loss of all gradient steps, of any number of them", async () => {
    const problem = await problemOf(ENV);
    const cloner = clonerOf(problem, { ...table, learningRate: 1e-9, minibatchSize: 2 });
    const state = createClonerState(cloner, createRng(0));
    state.parameters.fill(0);
    const pairs = { count: 3, observations: new Float32Array(3), actions: Int32Array.of(0, 1, 2) };
    for (const updates of [1, 32, 40]) {
      const before = state.steps;
      const metrics = await cloneBatches(cloner, state, pairs, updates);
      expect(metrics.loss).toBeCloseTo(Math.log(4), 5);
      expect(metrics.steps).toBe(before + updates);
    }
  });

  it("reads rows of several numbers, each observation with its own action and weight", async () => {
    const spaces = { observationSpace: box([3], -99, 99), actionSpace: box([2], -99, 99) };
    const cloner = clonerOf({ id: "Wide", ...spaces } as Problem, { ...table, minibatchSize: 2 }, true);
    const state = createClonerState(cloner, createRng(0));
    const runs: Record<string, Float32Array>[] = [];
    const trainer = {
      ...cloner.trainer,
      async run(_: unknown, feeds: Record<string, Float32Array>, steps: number) {
        expect(steps).toBe(5);
        runs.push(feeds);
        return { means: { loss: 1 } } as never;
      },
    } as typeof cloner.trainer;
    const count = 5;
    // Row i has the numbers 10 i, 10 i + 1 and so on, also as its action, and the weight i.
    const rowsOf = (width: number) =>
      Float32Array.from({ length: count * width }, (_, k) => 10 * Math.floor(k / width) + (k % width));
    const pairs = {
      count,
      observations: rowsOf(3),
      actions: rowsOf(2),
      weights: Float32Array.from({ length: count }, (_, i) => i),
    };
    await cloneBatches({ ...cloner, trainer }, state, pairs, 5);
    const [{ observations, actions, weights }] = runs;
    const drawn = [...weights.subarray(0, 10)];
    for (const [row, i] of drawn.entries()) {
      expect([...observations.subarray(3 * row, 3 * row + 3)]).toEqual([10 * i, 10 * i + 1, 10 * i + 2]);
      expect([...actions.subarray(2 * row, 2 * row + 2)]).toEqual([10 * i, 10 * i + 1]);
    }
    // Two passes over the five pairs.
    expect(drawn.slice(0, 5).sort()).toEqual([0, 1, 2, 3, 4]);
    expect(drawn.slice(5).sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it("weighs the losses of held-out pairs", async () => {
    const problem = await problemOf(ENV);
    const cloner = clonerOf(problem, table, true);
    const state = createClonerState(cloner, createRng(0));
    state.parameters = createRng("weights").fillNormal(state.parameters);
    const pairs = (k: number) => ({
      count: 1,
      observations: Float32Array.of([3, 5][k]),
      actions: Int32Array.of([1, 2][k]),
    });
    const [a, b] = [await heldOutLoss(cloner, state, pairs(0)), await heldOutLoss(cloner, state, pairs(1))];
    const both = { count: 2, observations: Float32Array.of(3, 5), actions: Int32Array.of(1, 2) };
    expect(Math.abs(a - b)).toBeGreaterThan(0.1);
    expect(await heldOutLoss(cloner, state, both)).toBeCloseTo((a + b) / 2, 5);
    const weights = Float32Array.of(0.5, 1.5);
    expect(await heldOutLoss(cloner, state, { ...both, weights })).toBeCloseTo((a + 3 * b) / 4, 5);
  });
});

describe("cloning by squared error", () => {
  const ofMeans = { observationSpace: box([1], -9, 9), actionSpace: box([2], [-2, -1], [2, 1]) };
  const settings = { ...table, loss: "squared-error" as const, learningRate: 1e-9, minibatchSize: 2 };
  const problem = { id: "Line", ...ofMeans } as Problem;

  /** The deviations after a step that changes nothing else, of a policy whose mean is 0. */
  async function deviations(
    count: number,
    action: (pair: number) => [number, number],
    weights?: Float32Array,
  ) {
    const cloner = clonerOf(problem, settings, weights !== undefined);
    const state = createClonerState(cloner, createRng(0));
    state.parameters.fill(0);
    const actions = Float32Array.from({ length: 2 * count }, (_, k) => action(k >> 1)[k % 2]);
    await cloneBatches(cloner, state, { count, observations: new Float32Array(count), actions, weights }, 1);
    const { offset } = cloner.network.layout.entries.find(({ name }) => name === "head.logStd")!;
    return [...state.parameters.subarray(offset, offset + 2)].map(Math.exp);
  }

  it("fits the deviations to the residuals of all pairs, in units of the actions' half widths", async () => {
    // More pairs than are evaluated at once: first 8192 with residuals of (1, 0.5), then 1024 with none.
    const found = await deviations(9216, (pair) => (pair < 8192 ? [1, -0.5] : [0, 0]));
    for (const deviation of found) expect(deviation).toBeCloseTo(0.5 * Math.sqrt(8192 / 9216), 5);
    const others = await deviations(9216, (pair) => (pair < 8192 ? [0, 0] : [1, -0.5]));
    for (const deviation of others) expect(deviation).toBeCloseTo(0.5 * Math.sqrt(1024 / 9216), 5);
  });

  it("weighs the residuals of each pair", async () => {
    const weights = Float32Array.from({ length: 9216 }, (_, pair) => (pair < 8192 ? 0.5 : 5));
    const total = 8192 * 0.5 + 1024 * 5;
    const found = await deviations(9216, (pair) => (pair < 8192 ? [1, 0] : [0, 1]), weights);
    expect(found[0]).toBeCloseTo(0.5 * Math.sqrt((8192 * 0.5) / total), 5);
    expect(found[1]).toBeCloseTo(Math.sqrt((1024 * 5) / total), 5);
  });

  it("needs actions in a box", async () => {
    const choices = await problemOf(ENV);
    expect(() => clonerOf(choices, settings)).toThrow(
      'loss "squared-error" needs actions in a box; those of FrozenLake-v1 are discrete',
    );
  });
});
